import {
  type API,
  type Broker,
  type Callback,
  type Connection,
  Consumer,
  FetchIsolationLevels,
  kGetApi,
  kGetConnection,
  NetworkError,
} from '@platformatic/kafka';
import { clientOptions } from './client-options.ts';
import type { KafkaAccess } from './kafka-access.ts';

/** How a consumer takes part in its group. */
export interface ConsumerSettings {
  readonly groupId: string;
  /** Name of this member that outlives its process; undefined: it has none. */
  readonly instance: string | undefined;
  /** Silence after which the group counts this member as dead, in ms. */
  readonly sessionTimeoutMs: number;
  /** Time that members have to come back when the group forms anew, in ms. */
  readonly rebalanceTimeoutMs: number;
}

const isTransactional = 1 << 4;
const isControl = 1 << 5;

type BufferConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;
type FetchResponse = Awaited<ReturnType<BufferConsumer['fetch']>>;
type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];
interface OffsetFetchResponse {
  readonly groups: readonly {
    readonly topics: readonly {
      readonly partitions: readonly { readonly partitionIndex: number; readonly metadata: string | null }[];
    }[];
  }[];
}

/** A consumer that sees what was committed, and nothing else. To be discarded after any error. */
export interface CommittedConsumer extends BufferConsumer {
  /** What was kept with the committed offsets, by partition, when they were asked for last. */
  readonly committedMetadata: ReadonlyMap<number, string>;
  /**
   * What it was given when the group formed last; null while that is under way, when `generationId` is new already and
   * `assignments` still the old ones: partitions of others.
   */
  readonly joined: JoinedGroup | null;
}

/** A place in a group that has formed. */
export interface JoinedGroup {
  readonly memberId: string;
  readonly generationId: number;
  readonly assignments: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

/** Makes a consumer; connects to nothing yet. */
export function createCommittedConsumer(access: KafkaAccess, settings: ConsumerSettings): CommittedConsumer {
  return new MendedConsumer(access, settings);
}

type AnyApi = API<unknown[], unknown>;
type Done = (error: Error | null, response: unknown) => void;

/** The library's consumer without what makes it show records that were aborted, and offsets that are not settled. */
class MendedConsumer extends Consumer<Buffer, Buffer, Buffer, Buffer> implements CommittedConsumer {
  readonly committedMetadata = new Map<number, string>();
  #joined: JoinedGroup | null = null;

  constructor(access: KafkaAccess, { groupId, instance, sessionTimeoutMs, rebalanceTimeoutMs }: ConsumerSettings) {
    super({
      ...clientOptions(access),
      groupId,
      autocommit: false,
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(1000, Math.floor(sessionTimeoutMs / 4)),
      rebalanceTimeout: Math.max(sessionTimeoutMs, rebalanceTimeoutMs),
      maxWaitTime: 250,
      ...(instance !== undefined && { groupInstanceId: instance }),
    });
    this.on('consumer:group:join', ({ memberId, generationId = 0, assignments = [] }) => {
      this.#joined = { memberId, generationId, assignments };
    });
  }

  get joined(): JoinedGroup | null {
    return this.#joined?.generationId === this.generationId ? this.#joined : null;
  }

  override [kGetConnection](broker: Broker | undefined, callback: Callback<Connection>): void {
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

  #mended(name: string, api: AnyApi): unknown {
    if (name === 'Fetch') {
      return (connection: Connection, ...args: unknown[]) => {
        const done = args.pop() as Done;
        const filter: Done = (error, response) => {
          if (!error) {
            for (const { partitions } of (response as FetchResponse).responses) partitions.forEach(emptyAbortedBatches);
          }
          done(error, response);
        };
        return api(connection, ...args, filter as never);
      };
    }
    if (name !== 'OffsetFetch') return api;
    // Offsets of a transaction that is still open elsewhere are waited for: else its records would be read twice.
    return (connection: Connection, groups: unknown, _requireStable: boolean, done: Done) => {
      const keep: Done = (error, response) => {
        if (!error) this.#keepMetadata(response as OffsetFetchResponse);
        done(error, response);
      };
      return api(connection, groups, true, keep as never);
    };
  }

  #keepMetadata({ groups }: OffsetFetchResponse): void {
    this.committedMetadata.clear();
    for (const { topics } of groups) {
      for (const { partitions } of topics) {
        for (const { partitionIndex, metadata } of partitions)
          this.committedMetadata.set(partitionIndex, metadata ?? '');
      }
    }
  }
}

/** What Apache's client does: batches of a producer count for nothing from its transaction's first offset to its abort. */
function emptyAbortedBatches(partition: FetchedPartition): void {
  const aborted = [...(partition.abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  for (const batch of partition.records ?? []) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    for (let [first] = aborted; first !== undefined && first.firstOffset <= last; [first] = aborted) {
      open.add(first.producerId);
      aborted.shift();
    }
    if (batch.attributes & isControl) {
      if (batch.records[0]?.key?.readInt16BE(2) === 0) open.delete(batch.producerId);
      // It stays, so that its offset counts.
      batch.records = [];
    } else if (batch.attributes & isTransactional && open.has(batch.producerId)) batch.records = [];
  }
  // The library's own filter then does nothing.
  partition.abortedTransactions = [];
}
