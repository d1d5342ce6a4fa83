import { compatibilityPartitioner, Producer } from '@platformatic/kafka';
import { type Backoff, backoffMs } from '../backoff.ts';
import { answeredWithin, discard } from './answered-within.ts';
import { clientOptions } from './client-options.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { kafkaErrorCodes, kafkaFailure, recordTooLarge } from './kafka-failure.ts';
import { inPortions, type KafkaMessage, toProduce } from './kafka-message.ts';

/** A record on its way. */
interface Pending {
  readonly message: KafkaMessage;
  resolve(): void;
  reject(error: unknown): void;
}

const backoff: Backoff = { baseMs: 200, factor: 2, capMs: 5000 };
/** Bytes of one send: below what brokers take by default for a batch. */
const portionBytes = 512 * 1024;
/** What no further attempt will change. */
const finalCodes: readonly string[] = ['INGEST_KAFKA_REFUSED', 'INGEST_KAFKA_TOPIC_UNKNOWN'];

/**
 * Writes records in order, acknowledged by all replicas in sync, each until brokers have taken it. One send at a time: of
 * concurrent ones of an idempotent producer the library loses records that it acknowledges.
 */
export class KafkaWriter implements AsyncDisposable {
  readonly #access: KafkaAccess;
  #producer: Producer<Buffer, Buffer, string, string> | null = null;
  #pending: Pending[] = [];
  #isSending = false;
  readonly #closing = new AbortController();

  /** Connects to nothing yet. */
  constructor(access: KafkaAccess) {
    this.#access = access;
  }

  /**
   * Resolves when the record has been written.
   * @throws INGEST_RECORD_TOO_LARGE - when brokers do not take so much; INGEST_KAFKA_REFUSED, INGEST_KAFKA_TOPIC_UNKNOWN - when
   *   no further attempt will help. All else is tried again, for as long as the writer is open.
   */
  write(message: KafkaMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ message, resolve, reject });
      void this.#send();
    });
  }

  /** Stops trying; what was not written is never answered for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await discard(this.#producer);
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    let failures = 0;
    // What was asked for in this turn of the event loop goes together.
    await new Promise<void>(resolve => setImmediate(resolve));
    while (this.#pending.length > 0 && !this.#closing.signal.aborted) {
      const [portion = []] = inPortions(
        this.#pending.map(({ message }) => message),
        portionBytes,
      );
      const sent = this.#pending.slice(0, failures > 0 ? 1 : portion.length);
      try {
        await this.#sendOnce(sent);
        this.#pending.splice(0, sent.length);
        for (const { resolve } of sent) resolve();
        failures = 0;
      } catch (error) {
        await discard(this.#producer);
        // After a failure the sequence numbers may lag behind the broker's: new records would pass for doubles.
        this.#producer = null;
        failures++;
        if (this.#giveUp(error, sent)) failures = 0;
        else await this.#wait(failures);
      }
    }
    this.#isSending = false;
  }

  async #sendOnce(sent: readonly Pending[]): Promise<void> {
    this.#producer ??= new Producer<Buffer, Buffer, string, string>({
      ...clientOptions(this.#access),
      idempotent: true,
      partitioner: compatibilityPartitioner,
      serializers: { headerKey: data => Buffer.from(data ?? ''), headerValue: data => Buffer.from(data ?? '') },
    });
    const sending = this.#producer.send({ messages: sent.map(({ message }) => toProduce(message)) });
    await answeredWithin('send', 30_000, sending);
  }

  /** Whether the first of these records is given up, or all. */
  #giveUp(error: unknown, sent: readonly Pending[]): boolean {
    const [first] = sent;
    if (first === undefined) return false;
    const { topic } = first.message;
    const isTooLarge = kafkaErrorCodes(error).some(
      code => code === 'MESSAGE_TOO_LARGE' || code === 'RECORD_LIST_TOO_LARGE',
    );
    // Alone it shows whether it is the one.
    if (isTooLarge && sent.length > 1) return false;
    const failure = isTooLarge
      ? recordTooLarge(first.message, this.#access)
      : kafkaFailure(error, { access: this.#access, topic });
    if (!isTooLarge && !finalCodes.includes(failure.code)) return false;
    this.#pending.splice(0, 1);
    first.reject(failure);
    return true;
  }

  async #wait(failures: number): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>(resolve => {
      const timer = setTimeout(done, backoffMs(backoff, failures, Math.random()));
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}
