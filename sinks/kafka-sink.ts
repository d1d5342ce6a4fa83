import { type Clock, loadKafka, printedBrokers, SaccadeError, systemClock } from '../ingest/index.ts';
import { DeadLetters } from './dead-letters.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { sinkErrors } from './errors.ts';
import { type KafkaConnection, openKafkaAccess } from './kafka-access.ts';
import { kafkaRow } from './kafka-row.ts';
import type { Sink } from './sink.ts';
import { withinTime } from './within-time.ts';

/** How rows are written to a topic. */
export interface KafkaOptions extends KafkaConnection {
  /** Where to; it must be there. */
  readonly topic: string;
  /** Most rows that wait for the brokers, 1 or more; then the writer waits. Default 1000. */
  readonly maxQueued?: number;
  /** File of JSON Lines for rows that brokers do not take, or that are still queued when the sink is closed. Default: none, and they are an error. */
  readonly deadLetterPath?: string;
  /** How long disposal waits for rows that are still queued, in ms. Default 10,000. */
  readonly drainTimeoutMs?: number;
}

type Writer = InstanceType<Awaited<ReturnType<typeof loadKafka>>['KafkaWriter']>;

/**
 * Writes each row as a CloudEvent in binary mode, its stream as the key, in order, acknowledged by all replicas in sync. Brokers
 * that are away are tried again for as long as the sink is open; rows wait meanwhile.
 *
 * Promise: at least once while the process lives: what brokers took without an answer is written again, with the same `ce_id`.
 * Rows that were queued when the process is killed are lost. Exactly once is the promise of a pipeline from `kafka()` to
 * `toKafka()`, where this class is not used.
 */
export class KafkaSink<Row> implements Sink<Row> {
  readonly delivery = 'at-least-once';
  readonly #writer: Writer;
  readonly #target: string;
  readonly #drainTimeoutMs: number;
  readonly #queue: DeliveryQueue<Row>;
  readonly #letters: DeadLetters;
  readonly #clock: Clock;
  /** Handed to the brokers, and not confirmed. */
  readonly #unconfirmed = new Set<Row>();
  #isClosed = false;

  private constructor(writer: Writer, target: string, options: KafkaOptions, clock: Clock) {
    const { topic, maxQueued = 1000, deadLetterPath, drainTimeoutMs = 10_000 } = options;
    this.#writer = writer;
    this.#target = target;
    this.#drainTimeoutMs = drainTimeoutMs;
    this.#letters = new DeadLetters(deadLetterPath, target);
    this.#clock = clock;
    const deliver = async (row: Row): Promise<void> => {
      this.#unconfirmed.add(row);
      try {
        await writer.write(kafkaRow(topic, row));
      } catch (error) {
        if (
          !(error instanceof SaccadeError) ||
          error.code !== 'INGEST_RECORD_TOO_LARGE' ||
          deadLetterPath === undefined
        ) {
          throw error;
        }
        await this.#letters.add([row], { attempts: 1, reason: error.message });
      }
      this.#unconfirmed.delete(row);
    };
    // All at once: the writer puts what waits into one request.
    this.#queue = new DeliveryQueue({ maxQueued, concurrency: maxQueued, deliver });
  }

  /**
   * Looks whether the topic is there. The caller disposes of the sink.
   * @param hooks.clock - For tests; default the machine's.
   * @throws SINK_ADDRESS_INVALID, SINK_SECRET_MISSING - when an address or a secret is wrong; INGEST_KAFKA_UNREACHABLE,
   *   INGEST_KAFKA_REFUSED, INGEST_KAFKA_TOPIC_UNKNOWN, INGEST_KAFKA_FAILED - when the brokers do not let it be.
   */
  static async open<Row>(options: KafkaOptions, hooks: { readonly clock?: Clock } = {}): Promise<KafkaSink<Row>> {
    const access = await openKafkaAccess(options);
    const { KafkaTopics, KafkaWriter } = await loadKafka();
    await using topics = new KafkaTopics(access);
    await topics.facts(options.topic);
    const target = `${printedBrokers(access)}/${options.topic}`;
    return new KafkaSink<Row>(new KafkaWriter(access), target, options, hooks.clock ?? systemClock);
  }

  /**
   * Takes rows; waits while `maxQueued` wait for the brokers.
   * @throws INGEST_RECORD_TOO_LARGE - when a row is, and there is no dead-letter file; INGEST_KAFKA_REFUSED,
   *   INGEST_KAFKA_TOPIC_UNKNOWN - when that changed meanwhile; SINK_CLOSED - after disposal.
   */
  async write(rows: readonly Row[]): Promise<void> {
    if (this.#isClosed) throw sinkErrors.create('SINK_CLOSED', { path: this.#target });
    await this.#queue.write(rows);
  }

  /** Resolves when the brokers have confirmed every row. Throws as {@link write}. */
  async flush(): Promise<void> {
    await this.#queue.flush();
  }

  /**
   * Waits for the brokers for up to `drainTimeoutMs`, and disconnects. Rows that were not confirmed become dead letters.
   * @throws SINK_UNDELIVERED - when there is no file for them; otherwise as {@link write}.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      if (await withinTime(this.#clock, this.#drainTimeoutMs, this.#queue.flush())) return;
      const rows = [...this.#unconfirmed, ...this.#queue.takeWaiting()];
      const reason = 'the brokers did not confirm them before the sink was closed';
      await this.#letters.add(rows, { attempts: 1, reason });
    } finally {
      await this.#writer[Symbol.asyncDispose]();
    }
  }
}
