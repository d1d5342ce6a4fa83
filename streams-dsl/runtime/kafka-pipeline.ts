import { createHash } from 'node:crypto';
import { type Observable, Subject, type Subscription } from 'rxjs';
import { cascadeErrors } from '../../cascade/index.ts';
import {
  deadLetter,
  deadLetterTopic,
  type GroupGeneration,
  ingestErrors,
  type KafkaGroup,
  type KafkaGroupStatus,
  type KafkaMessage,
  type KafkaRecord,
  loadKafka,
  messageBytes,
  type PoisonReason,
  type PoisonRecord,
  readFrameRecord,
  toErrorRecord,
} from '../../ingest/index.ts';
import { kafkaRow, openKafkaAccess, type Sink } from '../../sinks/index.ts';
import type { CreditGate } from '../credit-gate.ts';
import { reportDrop } from '../drops.ts';
import type { FrameItem } from '../frame-item.ts';
import type { KeptState } from '../kept-state.ts';
import type { SinkFactory } from '../sink-factory.ts';
import type { SourceDescription } from '../sources/source.ts';
import { crossedItem } from './crossed-item.ts';
import { type CrossedFrame, type PictureNeed, undecoded } from './frame-protocol.ts';
import type { ImageReader } from './image-reader.ts';
import { exactly } from './picture-needs.ts';

type KafkaSource = Extract<SourceDescription, { kind: 'kafka' }>;

/** What a pipeline that reads a topic is made of. */
export interface KafkaPipelineOptions {
  readonly source: KafkaSource;
  /** Every n-th frame of a stream is decoded, 1 or more. */
  readonly every: number;
  readonly needs: readonly PictureNeed[];
  /** Whether some step wants pictures that `needs` does not name. */
  readonly decodesAgain: boolean;
  readonly images: ImageReader;
  readonly gate: CreditGate;
  /** What steps know of each stream, by the step's name. */
  readonly states: ReadonlyMap<string, KeptState>;
  /** What the steps are, in words: what was kept of others is no use to them. */
  readonly steps: readonly string[];
  /** Puts the operators behind a source of frames, anew. */
  readonly operators: (frames: Observable<FrameItem>) => Observable<unknown>;
  readonly sinks: readonly SinkFactory<unknown>[];
}

/** What a pipeline that reads a topic does. */
export interface KafkaPipelineStatus extends KafkaGroupStatus {
  /** Records that were put aside, by reason. */
  readonly deadLetters: Readonly<Partial<Record<PoisonReason, number>>>;
}

/** What is kept of a stream. */
interface KeptStream {
  readonly steps: string;
  /** Index of the stream's next frame. */
  readonly next: number;
  readonly states: Readonly<Record<string, unknown>>;
}

/** Records that are answered and committed together. */
const mostTogether = 256;
/** Room for what surrounds a record in its batch. */
const batchBytes = 500;

/**
 * Runs a pipeline over a topic: batch by batch, each committed with its rows and with what the operators know of its streams. Where
 * the group forms anew, the operators are subscribed anew with what was committed.
 */
export class KafkaPipeline implements AsyncDisposable {
  readonly #options: KafkaPipelineOptions;
  readonly #group: KafkaGroup;
  readonly #sinks: readonly Sink<unknown>[];
  /** Topics that take rows in the transaction, and the most bytes of a row. */
  readonly #topics: ReadonlyMap<string, number>;
  readonly #fingerprint: string;
  readonly #deadLetters: Partial<Record<PoisonReason, number>> = {};

  private constructor(
    options: KafkaPipelineOptions,
    group: KafkaGroup,
    sinks: readonly Sink<unknown>[],
    topics: ReadonlyMap<string, number>,
  ) {
    this.#options = options;
    this.#group = group;
    this.#sinks = sinks;
    this.#topics = topics;
    this.#fingerprint = createHash('sha256').update(JSON.stringify(options.steps)).digest('hex').slice(0, 16);
  }

  /** Looks whether the topics are there, and opens the other sinks. @throws what hinders it. */
  static async open(options: KafkaPipelineOptions): Promise<KafkaPipeline> {
    const { source, sinks } = options;
    const access = await openKafkaAccess(source.connection);
    const { KafkaGroup, KafkaTopics } = await loadKafka();
    const topics = new Map<string, number>();
    const own = sinks.flatMap(sink => transactionalTopic(sink, source) ?? []);
    if (own.length > 0) {
      await using asked = new KafkaTopics(access);
      for (const topic of own) topics.set(topic, (await asked.facts(topic)).mostBytes - batchBytes);
    }
    const { topic, group: groupId, from, instance, sessionTimeoutMs, stopAtEnd } = source;
    const operator = { kind: 'kafka', options: { topic, group: groupId } };
    const group = await KafkaGroup.open({
      access,
      topic,
      groupId,
      from,
      instance,
      sessionTimeoutMs,
      stopAtEnd,
      onSkipped: item => reportDrop({ operator, reason: 'deleted', item }),
    });
    const opened: Sink<unknown>[] = [];
    try {
      for (const sink of sinks) if (transactionalTopic(sink, source) === null) opened.push(await sink.open());
    } catch (error) {
      await Promise.allSettled(opened.map(sink => sink[Symbol.asyncDispose]()));
      throw error;
    }
    return new KafkaPipeline(options, group, opened, topics);
  }

  /** What it does now. */
  get status(): KafkaPipelineStatus {
    return { ...this.#group.status, deadLetters: { ...this.#deadLetters } };
  }

  /**
   * Runs until the signal is aborted, everything is read that was to be, or the operators have had enough.
   * @param onRows - Told how many rows a batch made, once they are committed.
   * @throws what the operators, a sink or a broker that refuses throw.
   */
  async run(signal: AbortSignal, onRows: (count: number) => void): Promise<void> {
    const enough = new AbortController();
    const ending = AbortSignal.any([signal, enough.signal]);
    await this.#group.run(async generation => {
      await using answering = new Answering(this.#options, generation, this.#fingerprint);
      for (let records = await generation.next(mostTogether); records !== null; ) {
        const { messages, rows, states } = await answering.answer(records, poison => this.#count(poison));
        for (const sink of this.#sinks) {
          if (rows.length > 0) await sink.write(rows);
          await sink.flush();
        }
        const written = rows.flatMap(row => [...this.#topics].map(([topic, most]) => this.#message(topic, most, row)));
        await generation.commit({ records, messages: [...messages, ...written], states });
        onRows(rows.length);
        if (answering.isComplete) enough.abort();
        records = await generation.next(mostTogether);
      }
    }, ending);
  }

  /** Closes the sinks. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#sinks.map(sink => sink[Symbol.asyncDispose]()));
  }

  #count({ reason }: Pick<PoisonRecord, 'reason'>): void {
    this.#deadLetters[reason] = (this.#deadLetters[reason] ?? 0) + 1;
  }

  /** A row for a topic; one that brokers would refuse is put aside, since they would refuse it forever. */
  #message(topic: string, mostBytes: number, row: unknown): KafkaMessage {
    const message = kafkaRow(topic, row);
    const bytes = messageBytes(message);
    if (bytes <= mostBytes) return message;
    this.#count({ reason: 'answer-too-large' });
    const { headers, key } = message;
    const told = {
      'x-error-code': 'INGEST_RECORD_TOO_LARGE',
      'x-error-reason': 'answer-too-large',
      'x-error-topic': topic,
    };
    const details = { 'x-error-details': `${bytes} bytes, more than ${mostBytes}` };
    const to = deadLetterTopic(this.#options.source.topic);
    return { topic: to, key, value: null, headers: { ...headers, ...told, ...details } };
  }
}

/** The topic of a sink that can be part of the transactions of a source: one of `toKafka()` on the same brokers; else null. */
export function transactionalTopic(sink: SinkFactory<unknown>, { connection }: KafkaSource): string | null {
  if (!('kafka' in sink)) return null;
  const { brokers } = sink.description.options;
  const { topic } = (sink as { readonly kafka: { readonly topic: string } }).kafka;
  return brokers === [connection.brokers].flat().join(',') ? topic : null;
}

interface DecodableFrame {
  readonly stream: string;
  readonly timestampUs: number;
  readonly image: Uint8Array;
}

interface Answers {
  readonly rows: readonly unknown[];
  /** Records that are put aside. */
  readonly messages: readonly KafkaMessage[];
  /** What is known now of each stream, by partition. */
  readonly states: ReadonlyMap<number, ReadonlyMap<string, string>>;
}

/** The operators in one generation of the group, with what they know. */
class Answering implements AsyncDisposable {
  readonly #options: KafkaPipelineOptions;
  readonly #fingerprint: string;
  readonly #frames = new Subject<FrameItem>();
  readonly #subscription: Subscription;
  /** Index of each stream's next frame. */
  readonly #next = new Map<string, number>();
  #rows: unknown[] = [];
  #failure: { readonly error: unknown } | null = null;
  #isComplete = false;

  constructor(options: KafkaPipelineOptions, generation: GroupGeneration, fingerprint: string) {
    this.#options = options;
    this.#fingerprint = fingerprint;
    this.#restore(generation.states);
    this.#subscription = options.operators(this.#frames).subscribe({
      next: row => this.#rows.push(row),
      error: (error: unknown) => {
        this.#failure = { error };
        options.gate.wake();
      },
      complete: () => {
        this.#isComplete = true;
        options.gate.wake();
      },
    });
  }

  /** Whether the operators take no more. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Passes the frames of some records through the operators, and waits until none is held any more. */
  async answer(records: readonly KafkaRecord[], onPoison: (poison: PoisonRecord) => void): Promise<Answers> {
    const { gate, source } = this.#options;
    const messages: KafkaMessage[] = [];
    const putAside = (record: KafkaRecord, poison: PoisonRecord): void => {
      onPoison(poison);
      messages.push(deadLetter(record, poison, describePoison(record, poison)));
    };
    const read = await Promise.all(records.map(record => readFrameRecord(record, source)));
    const frames = read.flatMap((one, i) => {
      const record = records[i] as KafkaRecord;
      if (one.kind === 'frame')
        return [{ record, stream: one.stream, image: one.image, crossing: this.#decode(one, record) }];
      putAside(record, one);
      return [];
    });
    const touched = new Map<number, Set<string>>();
    for (const { record, stream, image, crossing } of frames) {
      let crossed = await crossing;
      if (crossed.state === 'lost')
        putAside(record, { kind: 'poison', reason: 'undecodable', details: 'it does not decode' });
      touched.set(record.partition, (touched.get(record.partition) ?? new Set()).add(stream));
      while (gate.isClosed && this.#isGoingOn) await gate.opened();
      // Those before it may have taken long.
      if (crossed.state === 'decoded' && this.#isStale(record)) {
        crossed = undecoded('stale', crossed.frame, crossed.timestampUs);
      }
      const item = crossedItem(stream, crossed, { decodeAgain: this.#decodeAgain(image, crossed) });
      gate.pass(() => this.#frames.next(item));
    }
    while (gate.held > 0 && this.#isGoingOn) await gate.drained();
    if (this.#failure !== null) throw this.#failure.error;
    const rows = this.#rows;
    this.#rows = [];
    const states = [...touched].map(([partition, streams]) => [partition, this.#save(streams)] as const);
    return { rows, messages, states: new Map(states) };
  }

  /** Ends the operators without the rows that they would give at an end: there is none. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription.unsubscribe();
  }

  get #isGoingOn(): boolean {
    return this.#failure === null && !this.#isComplete;
  }

  /** Decodes a frame once more, for those that the reference model is asked about; undefined: its picture has crossed. */
  #decodeAgain(bytes: Uint8Array, { frame, timestampUs, state }: CrossedFrame): FrameItem['decodeAgain'] {
    if (state !== 'decoded' || !this.#options.decodesAgain) return undefined;
    return async request => {
      const { images } = this.#options;
      const [picture] = (await images.read({ bytes, needs: [exactly(request)], frame, timestampUs })).pictures;
      if (picture === undefined) throw cascadeErrors.create('CASCADE_FRAME_LOST', { frame });
      return picture.bytes;
    };
  }

  #isStale({ timestampMs }: KafkaRecord): boolean {
    const { maxLagMs } = this.#options.source;
    return maxLagMs !== null && Date.now() - timestampMs > maxLagMs;
  }

  #decode({ stream, timestampUs, image }: DecodableFrame, record: KafkaRecord): Promise<CrossedFrame> {
    const { every, needs, images } = this.#options;
    const frame = this.#next.get(stream) ?? 0;
    this.#next.set(stream, frame + 1);
    if (frame % every !== 0) return Promise.resolve(undecoded('skipped', frame, timestampUs));
    if (this.#isStale(record)) return Promise.resolve(undecoded('stale', frame, timestampUs));
    const reading = images.read({ bytes: image, needs, frame, timestampUs });
    // Awaited in its turn, which may come after another has failed.
    reading.catch(() => undefined);
    return reading;
  }

  #restore(texts: ReadonlyMap<string, string>): void {
    const kept = [...texts].map(([stream, text]) => [stream, JSON.parse(text) as KeptStream] as const);
    const same = kept.filter(([, { steps }]) => steps === this.#fingerprint);
    for (const [stream, { next }] of kept) this.#next.set(stream, next);
    for (const [name, state] of this.#options.states) {
      state.restore(new Map(same.map(([stream, { states }]) => [stream, states[name]])));
    }
  }

  #save(streams: ReadonlySet<string>): ReadonlyMap<string, string> {
    const texts = [...streams].map(stream => {
      const states = [...this.#options.states].map(([name, state]) => [name, state.save(stream)]);
      const next = this.#next.get(stream) ?? 0;
      const kept: KeptStream = { steps: this.#fingerprint, next, states: Object.fromEntries(states) };
      return [stream, JSON.stringify(kept)] as const;
    });
    return new Map(texts);
  }
}

function describePoison({ topic, partition, offset }: KafkaRecord, { reason, details }: PoisonRecord): string {
  const where = { topic, partition, offset: String(offset), deadLetters: deadLetterTopic(topic) };
  return toErrorRecord(ingestErrors.create('INGEST_RECORD_INVALID', { ...where, reason, details })).message;
}
