import { brokerAddresses, type KafkaConnection } from '../../sinks/index.ts';
import { checkOptions, choiceRule, integerRule, optional, positiveRule, textRule } from '../check-options.ts';
import { connectionRules } from '../kafka-connection.ts';
import type { Source } from './source.ts';

/** How a topic of frames is read. */
export interface KafkaSourceOptions extends KafkaConnection {
  /** Topic whose records hold frames: the key names the stream, the value is a JPEG or PNG, or JSON with the `uri` of one. */
  readonly topic: string;
  /** Consumer group: processes that run the same pipeline in one group share the topic's partitions. */
  readonly group: string;
  /** Where a group begins that has read nothing yet: at the first record, behind the last, or at a time. Default `latest`. */
  readonly from?: 'earliest' | 'latest' | Date;
  /** Name of this process within the group that its successor has too, which then takes over at once. Default: none. */
  readonly instance?: string;
  /** Silence after which the group counts a process as dead, in ms; brokers allow 6000 or more by default. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** Folder of files that records may name instead of holding images. Default: records must hold them. */
  readonly claimCheckFolder?: string;
  /**
   * Age of a record, by its own time, from which on its frame is not looked at, in ms, above 0: under overload the oldest are
   * passed over, each with a `defaulted` decision whose reason is `stale`. Which ones depends on the machine's speed. Default:
   * every frame is looked at, however late.
   */
  readonly maxLagMs?: number;
  /** Whether to end when everything has been answered that was there at the start. Default false: it goes on. */
  readonly stopAtEnd?: boolean;
}

/**
 * Frames of many streams from a topic of Kafka, each partition in order; nothing is fetched that nobody has room for. Records that
 * hold no frame are put aside into `<topic>.dlq`, with the reason in headers `x-error-…`.
 *
 * Offsets are committed with what the pipeline knows of each stream (labels, pictures to compare with, smoothing, events), in the
 * topic `<group>-state`: a process that takes partitions over goes on as the former one would have. With `toKafka()` on the same
 * brokers, rows are part of the same transaction: each comes exactly once. Other sinks get rows before the commit: at least once.
 * @throws STREAMS_OPTION_INVALID, SINK_ADDRESS_INVALID - when an option or an address does not fit.
 */
export function kafka(options: KafkaSourceOptions): Source {
  checkOptions('kafka', options, rules);
  const { topic, group, from = 'latest', instance = null, claimCheckFolder = null, stopAtEnd = false } = options;
  const brokers = brokerAddresses('kafka', options.brokers);
  const { sasl, tls } = options;
  const connection = { brokers, ...(sasl !== undefined && { sasl }), ...(tls !== undefined && { tls }) };
  const { maxLagMs = null } = options;
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000;
  const reading = { topic, group, from, instance, sessionTimeoutMs, claimCheckFolder, maxLagMs, stopAtEnd };
  return { description: { kind: 'kafka', stream: topic, connection, ...reading } };
}

const name = {
  expected: 'letters, digits, ".", "_" and "-"',
  holds: (value: unknown) => /^[\w.-]{1,240}$/.test(String(value)),
};

const rules = {
  ...connectionRules,
  topic: name,
  group: name,
  from: optional({
    expected: '"earliest", "latest" or a Date',
    holds: value => choiceRule('earliest', 'latest').holds(value) || (value instanceof Date && !Number.isNaN(+value)),
  }),
  instance: optional(name),
  sessionTimeoutMs: optional(integerRule(100)),
  claimCheckFolder: optional(textRule),
  maxLagMs: optional(positiveRule),
  stopAtEnd: optional(choiceRule(true, false)),
};
