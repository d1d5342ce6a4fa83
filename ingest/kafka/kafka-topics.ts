import { Admin, ConfigResourceTypes } from '@platformatic/kafka';
import { answeredWithin, discard } from './answered-within.ts';
import { clientOptions } from './client-options.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { kafkaErrorCodes, kafkaFailure } from './kafka-failure.ts';

/** A topic that is to be there. */
export interface WantedTopic {
  readonly name: string;
  /** Partitions, 1 or more; undefined: what the brokers take for new topics. */
  readonly partitions?: number;
  /** Settings of the topic. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** What is to be known of a topic. */
export interface TopicFacts {
  readonly partitions: number;
  /** Largest record batch that brokers take, in bytes. */
  readonly mostBytes: number;
}

/** What brokers take where their settings may not be read: the default of `max.message.bytes`. */
const defaultMostBytes = 1_048_588;

/** Asks brokers about topics, and has them made. Dispose of it to disconnect. */
export class KafkaTopics implements AsyncDisposable {
  readonly #access: KafkaAccess;
  readonly #admin: Admin;

  /** Connects to nothing yet. */
  constructor(access: KafkaAccess) {
    this.#access = access;
    // Few attempts: whoever waits for this wants to know what is wrong.
    this.#admin = new Admin({ ...clientOptions(access), retries: 2, retryDelay: 200 });
  }

  /**
   * What a topic is like.
   * @throws INGEST_KAFKA_TOPIC_UNKNOWN, INGEST_KAFKA_UNREACHABLE, INGEST_KAFKA_REFUSED, INGEST_KAFKA_FAILED.
   */
  async facts(topic: string): Promise<TopicFacts> {
    return this.#attempt(topic, async () => {
      const { topics } = await this.#admin.metadata({ topics: [topic], forceUpdate: true });
      return { partitions: topics.get(topic)?.partitionsCount ?? 1, mostBytes: await this.#mostBytes(topic) };
    });
  }

  /** Makes a topic unless it is there. Throws as {@link facts}. */
  async ensure({ name, partitions, configs = {} }: WantedTopic): Promise<TopicFacts> {
    await this.#attempt(name, async () => {
      const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
      try {
        await this.#admin.createTopics({
          topics: [name],
          partitions: partitions ?? -1,
          replicas: -1,
          ...(settings.length > 0 && { configs: settings }),
        });
      } catch (error) {
        const codes = kafkaErrorCodes(error);
        // Whoever may not make topics may still find this one made.
        const isSaid = ['TOPIC_ALREADY_EXISTS', 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'];
        if (!codes.some(code => isSaid.includes(code))) throw error;
      }
    });
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.facts(name);
      } catch (error) {
        // The controller knows a new topic before the other brokers do.
        if (attempt === 20 || !kafkaErrorCodes(error).includes('INGEST_KAFKA_TOPIC_UNKNOWN')) throw error;
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    }
  }

  /** Offsets that a group has committed, by partition; -1: none. Throws as {@link facts}. */
  async committed(groupId: string, topic: string, partitions: number): Promise<bigint[]> {
    const partitionIndexes = Array.from({ length: partitions }, (_, partition) => partition);
    return this.#attempt(topic, async () => {
      const asked = { groupId, topics: [{ name: topic, partitionIndexes }] };
      const [group] = await this.#admin.listConsumerGroupOffsets({ groups: [asked], requireStable: true });
      const found = group?.topics[0]?.partitions ?? [];
      return partitionIndexes.map(at => found.find(one => one.partitionIndex === at)?.committedOffset ?? -1n);
    });
  }

  async #mostBytes(topic: string): Promise<number> {
    try {
      const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic };
      const described = await this.#admin.describeConfigs({
        resources: [{ ...resource, configurationKeys: ['max.message.bytes'] }],
      });
      return Number(described[0]?.configs[0]?.value ?? defaultMostBytes) || defaultMostBytes;
    } catch {
      return defaultMostBytes;
    }
  }

  async #attempt<Answer>(topic: string, task: () => Promise<Answer>): Promise<Answer> {
    try {
      return await answeredWithin('the brokers', 15_000, task());
    } catch (error) {
      throw kafkaFailure(error, { access: this.#access, topic });
    }
  }

  /** Disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    // It knows no way to be closed by force, unlike others.
    await discard({ close: () => this.#admin.close(), connections: this.#admin.connections });
  }
}
