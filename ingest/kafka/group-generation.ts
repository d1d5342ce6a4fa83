import { setTimeout as delay } from 'node:timers/promises';
import { FetchIsolationLevels } from '@platformatic/kafka';
import { answeredWithin } from './answered-within.ts';
import type { CommittedConsumer } from './committed-consumer.ts';
import { readState, type StreamTexts, stateMessages } from './group-state.ts';
import type { KafkaStart } from './kafka-access.ts';
import { kafkaErrorCodes } from './kafka-failure.ts';
import { inPortions, type KafkaMessage, type KafkaRecord, toProduce } from './kafka-message.ts';
import { type PartitionProgress, RecordFetcher, type SkippedRecords } from './record-fetcher.ts';
import type { GroupMembership, TransactionalProducer } from './transactional-producer.ts';

/** What a generation is made of. */
export interface GenerationOptions {
  readonly consumer: CommittedConsumer;
  readonly producer: TransactionalProducer;
  /** One that was begun and not used; null: the next one is begun when it is needed. */
  readonly transaction: Transaction | null;
  readonly topic: string;
  readonly stateTopic: string;
  readonly statePartitions: number;
  /** Longest time for a transaction, in ms; below what the brokers give it. */
  readonly commitTimeoutMs: number;
  readonly from: KafkaStart;
  readonly stopAtEnd: boolean;
  readonly signal: AbortSignal;
  /** Told of each transaction that was committed. */
  readonly onCommit: () => void;
  /** Told of records that were deleted before they could be read. */
  readonly onSkipped: (skipped: SkippedRecords) => void;
}

/** What is committed together. */
export interface GroupCommit {
  /** The records that were read, in the order in which they came. */
  readonly records: readonly KafkaRecord[];
  /** What came of them. */
  readonly messages: readonly KafkaMessage[];
  /** What is known now of streams, by the partition that they were read from. */
  readonly states: ReadonlyMap<number, StreamTexts>;
}

/** A transaction that was begun. */
export type Transaction = Awaited<ReturnType<TransactionalProducer['beginTransaction']>>;

/** The generation has ended: what was read in it and not committed is read again by whoever has its partitions next. */
export class GenerationOver extends Error {
  /** Whether other members came or went, rather than that the brokers failed. */
  readonly isRebalance: boolean;

  /** @param cause - What the client ran into; null: the group has formed anew. */
  constructor(cause: unknown) {
    super('The generation of the consumer group is over.', { cause });
    this.isRebalance = cause === null;
  }
}

const portionBytes = 512 * 1024;
const emptyWaitMs = 200;
const unsettledWaitMs = 100;

/** The time from one forming of a group to the next, in which a member has its partitions for itself. */
export class GroupGeneration {
  readonly #options: GenerationOptions;
  readonly #membership: GroupMembership;
  readonly #fetcher: RecordFetcher;
  readonly #partitions: readonly number[];
  /** Offsets of the last record of state, by input partition. */
  readonly #stateOffsets: Map<number, bigint>;
  readonly #ends: ReadonlyMap<number, bigint>;
  #transaction: Transaction | null;
  #isAtEnd = false;

  /** What was known of each stream when it was committed last, by the stream's name. */
  readonly states: StreamTexts;

  private constructor(
    options: GenerationOptions,
    membership: GroupMembership,
    found: {
      readonly offsets: ReadonlyMap<number, bigint>;
      readonly stateOffsets: Map<number, bigint>;
      readonly states: StreamTexts;
      readonly ends: ReadonlyMap<number, bigint>;
    },
  ) {
    this.#options = options;
    this.#membership = membership;
    this.#partitions = [...found.offsets.keys()];
    this.#fetcher = new RecordFetcher(options.consumer, options.topic, found.offsets, options.onSkipped);
    this.#stateOffsets = found.stateOffsets;
    this.#ends = found.ends;
    this.#transaction = options.transaction;
    this.states = found.states;
  }

  /** Finds out where its partitions were left, and what is known of their streams. Throws what the client throws. */
  static async open(options: GenerationOptions): Promise<GroupGeneration> {
    const { consumer, topic, stateTopic, statePartitions, stopAtEnd } = options;
    let { joined } = consumer;
    for (; joined === null; { joined } = consumer) await delay(unsettledWaitMs);
    const { memberId, generationId, assignments } = joined;
    const membership = {
      groupId: consumer.groupId,
      memberId,
      generationId,
      coordinatorId: consumer.coordinatorId ?? -1,
    };
    const partitions = assignments.filter(one => one.topic === topic).flatMap(one => one.partitions);
    const states = new Map<string, string>();
    const stateOffsets = new Map<number, bigint>();
    if (partitions.length === 0) {
      return new GroupGeneration(options, membership, { offsets: new Map(), stateOffsets, states, ends: new Map() });
    }
    const committed = await settledOffsets(consumer, topic, partitions);
    const metadata = new Map(consumer.committedMetadata);
    const offsets = new Map<number, bigint>();
    for (const partition of partitions) {
      const offset = committed.get(topic)?.[partition] ?? -1n;
      if (offset >= 0n) offsets.set(partition, offset);
    }
    const fresh = partitions.filter(partition => !offsets.has(partition));
    if (fresh.length > 0) for (const [partition, offset] of await begin(options, fresh)) offsets.set(partition, offset);
    for (const partition of partitions) {
      const kept = /^state=(\d+)$/.exec(metadata.get(partition) ?? '')?.[1];
      if (kept === undefined) continue;
      const upTo = BigInt(kept);
      stateOffsets.set(partition, upTo);
      const place = { topic: stateTopic, partitions: statePartitions, partition, upTo };
      for (const [stream, text] of await readState(consumer, place)) states.set(stream, text);
    }
    const isolationLevel = FetchIsolationLevels.READ_COMMITTED;
    const ends = stopAtEnd
      ? await offsetsAt(consumer, topic, partitions, { timestamp: -1n, isolationLevel })
      : new Map();
    return new GroupGeneration(options, membership, { offsets, stateOffsets, states, ends });
  }

  /** Whether everything was read that was to be. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** A transaction that was begun and not used. */
  get transaction(): Transaction | null {
    return this.#transaction;
  }

  /** How far each of its partitions has been read. */
  get progress(): readonly PartitionProgress[] {
    return this.#fetcher.progress;
  }

  /** Records that were deleted before they could be read. */
  get skipped(): number {
    return this.#fetcher.skipped;
  }

  /**
   * Waits for the next records, up to so many, each partition's in order; null when there are none to come: the group has formed
   * anew, the end is reached, or it was told to stop.
   * @throws GenerationOver - when the brokers are lost.
   */
  async next(most: number): Promise<readonly KafkaRecord[] | null> {
    const { stopAtEnd, signal } = this.#options;
    while (!signal.aborted && !this.#isOver) {
      if (stopAtEnd && this.#fetcher.isPast(this.#ends)) {
        this.#isAtEnd = true;
        return null;
      }
      if (this.#partitions.length === 0) {
        await delay(emptyWaitMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      let records: readonly KafkaRecord[];
      try {
        records = await this.#fetcher.next(most);
      } catch (cause) {
        throw new GenerationOver(cause);
      }
      if (records.length > 0) return records;
    }
    return null;
  }

  /**
   * Commits records with what came of them.
   * @throws GenerationOver - when nothing was committed, or (the brokers being lost) it is not known whether it was.
   */
  async commit(commit: GroupCommit): Promise<void> {
    if (this.#isOver) throw new GenerationOver(null);
    try {
      await answeredWithin('a transaction', this.#options.commitTimeoutMs, this.#commit(commit));
    } catch (cause) {
      throw new GenerationOver(cause);
    }
    this.#options.onCommit();
  }

  get #isOver(): boolean {
    return this.#options.consumer.generationId !== this.#membership.generationId;
  }

  /** One call after the other: concurrent ones the library merges, and forgets all but the first. */
  async #commit({ records, messages, states }: GroupCommit): Promise<void> {
    const { consumer, producer, topic, stateTopic, statePartitions } = this.#options;
    const transaction = this.#transaction ?? (await producer.beginTransaction());
    this.#transaction = null;
    await transaction.addConsumer(consumer);
    const kept = [...states].flatMap(([partition, texts]) =>
      stateMessages(stateTopic, partition, statePartitions, texts),
    );
    const stateEnds = new Map<number, bigint>();
    for (const portion of inPortions([...messages, ...kept], portionBytes)) {
      const { offsets = [] } = await transaction.send({ messages: portion.map(toProduce) });
      for (const { topic: to, partition, offset } of offsets) {
        if (to !== stateTopic) continue;
        const count = portion.filter(one => one.topic === stateTopic && one.partition === partition).length;
        stateEnds.set(partition, offset + BigInt(count) - 1n);
      }
    }
    const last = new Map(records.map(({ partition, offset }) => [partition, offset]));
    for (const partition of last.keys()) {
      const end = states.has(partition) ? stateEnds.get(partition % statePartitions) : undefined;
      if (end !== undefined) this.#stateOffsets.set(partition, end);
    }
    const offsets = [...last].map(([partition, offset]) => {
      const state = this.#stateOffsets.get(partition);
      return { partition, offset: offset + 1n, metadata: state === undefined ? '' : `state=${state}` };
    });
    await producer.addOffsets(transaction, topic, offsets, this.#membership);
    await transaction.commit();
  }
}

/**
 * Where partitions begin that nobody has read. Committed at once, unless it is their very beginning: whoever has them next would
 * otherwise begin later, and pass over what came meanwhile.
 */
async function begin(
  { consumer, topic, from }: GenerationOptions,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, bigint>> {
  const timestamp = from === 'earliest' ? -2n : from === 'latest' ? -1n : BigInt(from.getTime());
  const offsets = new Map(await offsetsAt(consumer, topic, partitions, { timestamp }));
  if (from === 'earliest') return offsets;
  const later = [...offsets].filter(([, offset]) => offset < 0n).map(([partition]) => partition);
  if (later.length > 0) {
    for (const [partition, end] of await offsetsAt(consumer, topic, later, { timestamp: -1n }))
      offsets.set(partition, end);
  }
  const found = [...offsets].map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }));
  await consumer.commit({ offsets: found });
  return offsets;
}

/** Committed offsets; while a transaction of the former owner's is open, nobody knows them: the brokers end it after its time. */
async function settledOffsets(
  consumer: CommittedConsumer,
  topic: string,
  partitions: number[],
): Promise<ReadonlyMap<string, readonly bigint[]>> {
  for (;;) {
    try {
      return await consumer.listCommittedOffsets({ topics: [{ topic, partitions }] });
    } catch (error) {
      if (!kafkaErrorCodes(error).includes('UNSTABLE_OFFSET_COMMIT')) throw error;
      await delay(unsettledWaitMs);
    }
  }
}

async function offsetsAt(
  consumer: CommittedConsumer,
  topic: string,
  partitions: readonly number[],
  options: { readonly timestamp: bigint; readonly isolationLevel?: number },
): Promise<ReadonlyMap<number, bigint>> {
  const listed = await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [...partitions] }, ...options });
  return new Map(partitions.map(partition => [partition, listed.get(topic)?.[partition] ?? 0n]));
}
