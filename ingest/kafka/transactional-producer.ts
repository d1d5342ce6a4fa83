import {
  type API,
  addPartitionsToTxnV3,
  type Broker,
  type Callback,
  type Connection,
  compatibilityPartitioner,
  kGetApi,
  kGetConnection,
  NetworkError,
  Producer,
} from '@platformatic/kafka';
import { clientOptions } from './client-options.ts';
import type { KafkaAccess } from './kafka-access.ts';

/** An input position that is to be committed. */
export interface OffsetToCommit {
  readonly partition: number;
  /** Of the next record. */
  readonly offset: bigint;
  /** Kept with it, at most 4096 bytes. */
  readonly metadata: string;
}

/** Membership in a consumer group at one time: what the broker refuses once it is over. */
export interface GroupMembership {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly coordinatorId: number;
}

type AnyApi = API<unknown[], unknown>;
type BufferProducer = Producer<Buffer, Buffer, string, string>;
type Transaction = Awaited<ReturnType<BufferProducer['beginTransaction']>>;

/** A producer of transactions. One call at a time; to be discarded after any error. */
export interface TransactionalProducer extends BufferProducer {
  /** Commits the input positions of all partitions at once, as part of a transaction. */
  addOffsets(
    transaction: Transaction,
    topic: string,
    offsets: readonly OffsetToCommit[],
    membership: GroupMembership,
  ): Promise<void>;
}

/** How a producer is started. */
export interface ProducerSettings {
  /** Fences whoever had the same one before, and ends its transaction. */
  readonly transactionalId: string;
  /** Time after which the broker ends a transaction that nobody went on with, in ms. */
  readonly timeoutMs: number;
}

/** Makes a producer of transactions; connects to nothing yet. */
export function createTransactionalProducer(access: KafkaAccess, settings: ProducerSettings): TransactionalProducer {
  return new MendedProducer(access, settings);
}

/**
 * The library's producer without what makes it lose or double records in transactions, by replacing protocol calls at the
 * symbol that it exports for this. Not exported: declarations cannot name such a member.
 */
class MendedProducer extends Producer<Buffer, Buffer, string, string> implements TransactionalProducer {
  readonly #timeoutMs: number;
  #offsets: readonly unknown[] | null = null;

  constructor(access: KafkaAccess, { transactionalId, timeoutMs }: ProducerSettings) {
    super({
      ...clientOptions(access),
      idempotent: true,
      transactionalId,
      partitioner: compatibilityPartitioner,
      serializers: { headerKey: data => Buffer.from(data ?? ''), headerValue: data => Buffer.from(data ?? '') },
    });
    this.#timeoutMs = timeoutMs;
  }

  override [kGetConnection](broker: Broker | undefined, callback: Callback<Connection>): void {
    // A broker that has left the cluster is undefined here: the library would throw what nobody can catch.
    if (broker === undefined) callback(new NetworkError('The broker is not part of the cluster.'), undefined as never);
    else super[kGetConnection](broker, callback);
  }

  override [kGetApi]<RequestArguments extends unknown[], ResponseType>(
    name: string,
    callback: Callback<API<RequestArguments, ResponseType>>,
  ): void {
    super[kGetApi]<RequestArguments, ResponseType>(name, (error, api) => {
      if (error) callback(error, api);
      else callback(null, this.#mended(name, api as unknown as AnyApi) as unknown as typeof api);
    });
  }

  /** The library's own call takes one record, and no metadata. */
  async addOffsets(
    transaction: Transaction,
    topic: string,
    offsets: readonly OffsetToCommit[],
    membership: GroupMembership,
  ): Promise<void> {
    const partitions = offsets.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    }));
    this.#offsets = [{ name: topic, partitions }];
    try {
      const message = { topic, partition: 0, offset: 0n, metadata: { consumer: membership } };
      await transaction.addOffset(message as unknown as Parameters<typeof transaction.addOffset>[0]);
    } finally {
      this.#offsets = null;
    }
  }

  #mended(name: string, api: AnyApi): unknown {
    switch (name) {
      case 'InitProducerId':
        // The library sends producer 0, epoch 0 (a restarted process is fenced by its own past) and its request timeout.
        return (
          connection: Connection,
          id: unknown,
          _timeout: unknown,
          _producer: unknown,
          _epoch: unknown,
          done: never,
        ) => api(connection, id, this.#timeoutMs, -1n, -1, done);
      case 'AddPartitionsToTxn':
        // Later versions are for brokers, and need their rights.
        return addPartitionsToTxnV3.api;
      case 'TxnOffsetCommit': {
        const offsets = this.#offsets;
        if (offsets === null) return api;
        return (connection: Connection, ...args: unknown[]) => {
          const done = args.pop() as never;
          return api(connection, ...args.slice(0, -1), offsets, done);
        };
      }
      default:
        return api;
    }
  }
}
