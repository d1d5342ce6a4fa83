import { answeredWithin } from './answered-within.ts';
import type { CommittedConsumer } from './committed-consumer.ts';
import { kafkaErrorCodes } from './kafka-failure.ts';
import type { KafkaRecord } from './kafka-message.ts';

/** How far a partition has been read. */
export interface PartitionProgress {
  readonly partition: number;
  /** Records that are there and were not read. */
  readonly lag: number;
}

/** Records that were deleted before they could be read: those from one offset, inclusive, to another, exclusive. */
export interface SkippedRecords {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** An answer of the brokers, and where it leads. */
interface Fetched {
  readonly records: KafkaRecord[];
  readonly next: ReadonlyMap<number, bigint>;
  readonly ends: ReadonlyMap<number, bigint>;
}

/** Bytes of one answer: some hundred images. */
const fetchBytes = 8 * 2 ** 20;
const isLogAppendTime = 1 << 3;

/**
 * Reads some partitions of a topic from given offsets on, an answer of the brokers ahead at most: what nobody asks for is not
 * fetched. The library's own stream holds a whole fetch beyond its bound, and may pass off an old one's records as a new
 * member's.
 */
export class RecordFetcher {
  readonly #consumer: CommittedConsumer;
  readonly #topic: string;
  /** Offset to read next, by partition. */
  readonly #next: Map<number, bigint>;
  /** Offsets at which partitions end, as of the last answer. */
  readonly #ends = new Map<number, bigint>();
  #records: KafkaRecord[] = [];
  #ahead: Promise<Fetched> | null = null;
  #skipped = 0;
  readonly #onSkipped: (skipped: SkippedRecords) => void;

  /**
   * @param offsets - Of the first record to read, by partition.
   * @param onSkipped - Told of records that were deleted before they could be read. Default: nobody.
   */
  constructor(
    consumer: CommittedConsumer,
    topic: string,
    offsets: ReadonlyMap<number, bigint>,
    onSkipped: (skipped: SkippedRecords) => void = () => undefined,
  ) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#onSkipped = onSkipped;
    this.#next = new Map(offsets);
  }

  /** Records that were deleted before they could be read. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Whether everything before these offsets has been handed out. */
  isPast(ends: ReadonlyMap<number, bigint>): boolean {
    if (this.#records.length > 0) return false;
    return [...this.#next].every(([partition, next]) => next >= (ends.get(partition) ?? 0n));
  }

  /** How far each partition has been read. */
  get progress(): PartitionProgress[] {
    return [...this.#next].map(([partition, next]) => {
      const held = this.#records.filter(record => record.partition === partition).length;
      return { partition, lag: Math.max(0, Number((this.#ends.get(partition) ?? next) - next)) + held };
    });
  }

  /** The next records, up to so many, in the order of each partition; [] when none come for a quarter of a second. */
  async next(most: number): Promise<KafkaRecord[]> {
    if (this.#records.length === 0) {
      const fetching = this.#ahead ?? this.#fetch();
      this.#ahead = null;
      const { records, next, ends } = await fetching;
      this.#records = records;
      // Not before: what was fetched ahead has not been read.
      for (const [partition, offset] of next) this.#next.set(partition, offset);
      for (const [partition, offset] of ends) this.#ends.set(partition, offset);
    }
    const taken = this.#records.splice(0, most);
    if (this.#records.length === 0 && taken.length > 0) {
      this.#ahead = this.#fetch();
      this.#ahead.catch(() => undefined);
    }
    return taken;
  }

  async #fetch(): Promise<Fetched> {
    try {
      return await this.#fetchOnce();
    } catch (error) {
      if (!kafkaErrorCodes(error).includes('OFFSET_OUT_OF_RANGE')) throw error;
      return { records: [], next: await this.#intoRange(), ends: new Map() };
    }
  }

  async #fetchOnce(): Promise<Fetched> {
    const { topics } = await this.#consumer.metadata({ topics: [this.#topic] });
    const facts = topics.get(this.#topic);
    const byLeader = new Map<number, [number, bigint][]>();
    for (const one of this.#next) {
      const leader = facts?.partitions[one[0]]?.leader ?? -1;
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), one]);
    }
    const answers = await Promise.all(
      [...byLeader].map(([node, partitions]) => this.#fetchFrom(node, facts?.id ?? '', partitions)),
    );
    return {
      records: answers.flatMap(({ records }) => records),
      next: new Map(answers.flatMap(({ next }) => [...next])),
      ends: new Map(answers.flatMap(({ ends }) => [...ends])),
    };
  }

  async #fetchFrom(node: number, topicId: string, offsets: readonly [number, bigint][]): Promise<Fetched> {
    const partitions = offsets.map(([partition, fetchOffset]) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset,
      lastFetchedEpoch: -1,
      partitionMaxBytes: fetchBytes,
    }));
    const fetching = this.#consumer.fetch({
      node,
      topics: [{ topicId, partitions }],
      maxBytes: fetchBytes,
      maxWaitTime: 250,
    });
    const { responses } = await answeredWithin('fetch', 15_000, fetching);
    const fetched = { records: [] as KafkaRecord[], next: new Map<number, bigint>(), ends: new Map<number, bigint>() };
    for (const { partitionIndex: partition, records: batches = [], lastStableOffset } of responses[0]?.partitions ??
      []) {
      fetched.ends.set(partition, lastStableOffset);
      const from = this.#next.get(partition) ?? 0n;
      for (const batch of batches) {
        for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
          const offset = batch.firstOffset + BigInt(offsetDelta);
          // An answer begins with the whole batch that the offset lies in.
          if (offset < from) continue;
          const isAppended = (batch.attributes & isLogAppendTime) !== 0;
          const timestampMs = Number(isAppended ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta);
          const named = headers.map(([name, text]) => [String(name), String(text ?? '')] as const);
          fetched.records.push({
            topic: this.#topic,
            partition,
            offset,
            timestampMs,
            key,
            value,
            headers: new Map(named),
          });
        }
        fetched.next.set(partition, batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n);
      }
    }
    return fetched;
  }

  /** Goes on with the first record that is there where those before were deleted, or with the end of a topic made anew. */
  async #intoRange(): Promise<ReadonlyMap<number, bigint>> {
    const at = async (timestamp: bigint): Promise<readonly bigint[]> =>
      (await this.#consumer.listOffsets({ topics: [this.#topic], timestamp })).get(this.#topic) ?? [];
    const [earliest, latest] = await Promise.all([at(-2n), at(-1n)]);
    const moved = new Map<number, bigint>();
    for (const [partition, next] of this.#next) {
      const [first = 0n, end = next] = [earliest[partition], latest[partition]];
      if (next < first) {
        this.#skipped += Number(first - next);
        this.#onSkipped({ topic: this.#topic, partition, from: next, to: first });
        moved.set(partition, first);
      } else if (next > end) moved.set(partition, end);
    }
    return moved;
  }
}
