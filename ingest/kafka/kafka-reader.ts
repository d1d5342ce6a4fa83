import { randomUUID } from 'node:crypto';
import { FetchIsolationLevels } from '@platformatic/kafka';
import { discard } from './answered-within.ts';
import { type CommittedConsumer, createCommittedConsumer } from './committed-consumer.ts';
import type { KafkaAccess, KafkaStart } from './kafka-access.ts';
import { kafkaFailure } from './kafka-failure.ts';
import type { KafkaRecord } from './kafka-message.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { RecordFetcher } from './record-fetcher.ts';

/** What is read. */
export interface KafkaReaderOptions {
  readonly access: KafkaAccess;
  readonly topic: string;
  readonly from: KafkaStart;
}

/** Reads a topic without being part of a group: looks at it, and leaves no trace. Dispose of it to disconnect. */
export class KafkaReader implements AsyncDisposable {
  readonly #consumer: CommittedConsumer;
  readonly #fetcher: RecordFetcher;
  readonly #ends: ReadonlyMap<number, bigint>;
  readonly #options: KafkaReaderOptions;

  private constructor(
    options: KafkaReaderOptions,
    consumer: CommittedConsumer,
    fetcher: RecordFetcher,
    ends: ReadonlyMap<number, bigint>,
  ) {
    this.#options = options;
    this.#consumer = consumer;
    this.#fetcher = fetcher;
    this.#ends = ends;
  }

  /** Finds out where the topic begins and ends. @throws INGEST_KAFKA_UNREACHABLE, INGEST_KAFKA_REFUSED, INGEST_KAFKA_TOPIC_UNKNOWN, INGEST_KAFKA_FAILED. */
  static async open(options: KafkaReaderOptions): Promise<KafkaReader> {
    const { access, topic, from } = options;
    await using topics = new KafkaTopics(access);
    await topics.facts(topic);
    const groupId = `saccade-reader-${randomUUID()}`;
    const settings = { groupId, instance: undefined, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
    const consumer = createCommittedConsumer(access, settings);
    try {
      const at = async (timestamp: bigint): Promise<readonly bigint[]> => {
        const isolationLevel = FetchIsolationLevels.READ_COMMITTED;
        const listed = await consumer.listOffsets({ topics: [topic], timestamp, isolationLevel });
        return listed.get(topic) ?? [];
      };
      const time = from === 'earliest' ? -2n : from === 'latest' ? -1n : BigInt(from.getTime());
      const [starts, ends] = await Promise.all([at(time), at(-1n)]);
      const offsets = new Map(
        ends.map((end, partition) => [partition, (starts[partition] ?? -1n) < 0n ? end : (starts[partition] ?? end)]),
      );
      return new KafkaReader(options, consumer, new RecordFetcher(consumer, topic, offsets), new Map(ends.entries()));
    } catch (error) {
      await discard(consumer);
      throw kafkaFailure(error, { access, topic });
    }
  }

  /** Whether everything has been read that was there when it was opened. */
  get isAtEnd(): boolean {
    return this.#fetcher.isPast(this.#ends);
  }

  /** The next records; [] when none come for a quarter of a second. Throws as {@link open}. */
  async next(): Promise<readonly KafkaRecord[]> {
    const { access, topic } = this.#options;
    try {
      return await this.#fetcher.next(500);
    } catch (error) {
      throw kafkaFailure(error, { access, topic });
    }
  }

  /** Disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await discard(this.#consumer);
  }
}
