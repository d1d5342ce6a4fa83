import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { answeredWithin } from './answered-within.ts';
import type { CommittedConsumer } from './committed-consumer.ts';
import type { KafkaMessage } from './kafka-message.ts';

/** What is kept of each stream, by its name, as text. */
export type StreamTexts = ReadonlyMap<string, string>;

/** Name of the topic in which a group keeps what it knows of each stream, compacted. */
export function stateTopicOf(groupId: string): string {
  return `${groupId}-state`;
}

/** Records that keep what is known of the streams of an input partition. */
export function stateMessages(
  topic: string,
  partition: number,
  partitions: number,
  texts: StreamTexts,
): KafkaMessage[] {
  return [...texts].map(([stream, text]) => ({
    topic,
    partition: partition % partitions,
    key: `${partition}/${stream}`,
    value: deflateRawSync(text, { level: 1 }),
    headers: {},
  }));
}

/** Where to read what was kept. */
export interface StatePlace {
  readonly topic: string;
  readonly partitions: number;
  /** Input partition. */
  readonly partition: number;
  /** Offset of the last record that was committed with the input's offset. */
  readonly upTo: bigint;
}

/** Reads what was kept of the streams of an input partition, up to and with the record that its offset was committed with. */
export async function readState(consumer: CommittedConsumer, place: StatePlace): Promise<Map<string, string>> {
  const { topic, partitions, partition, upTo } = place;
  const own = partition % partitions;
  const { topics } = await consumer.metadata({ topics: [topic] });
  const facts = topics.get(topic);
  const node = facts?.partitions[own]?.leader ?? -1;
  const earliest = await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [own] }, timestamp: -2n });
  let next = earliest.get(topic)?.[own] ?? 0n;
  const kept = new Map<string, string>();
  const prefix = `${partition}/`;
  while (next <= upTo) {
    const wanted = { partition: own, currentLeaderEpoch: -1, fetchOffset: next, lastFetchedEpoch: -1 };
    const fetching = consumer.fetch({
      node,
      topics: [{ topicId: facts?.id ?? '', partitions: [{ ...wanted, partitionMaxBytes: 2 ** 24 }] }],
      maxBytes: 2 ** 24,
      maxWaitTime: 100,
    });
    const { responses } = await answeredWithin('the state', 15_000, fetching);
    for (const batch of responses[0]?.partitions[0]?.records ?? []) {
      for (const { offsetDelta, key, value } of batch.records) {
        const offset = batch.firstOffset + BigInt(offsetDelta);
        const name = key?.toString() ?? '';
        if (offset < next || offset > upTo || !name.startsWith(prefix) || value === null) continue;
        kept.set(name.slice(prefix.length), inflateRawSync(value).toString());
      }
      next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    }
  }
  return kept;
}
