import { brokerAddresses, type KafkaOptions, KafkaSink } from '../../sinks/index.ts';
import { checkOptions, integerRule, optional, positiveRule, textRule } from '../check-options.ts';
import { connectionRules, describeConnection } from '../kafka-connection.ts';
import type { SinkFactory } from '../sink-factory.ts';
import { checkDelivery } from './check-delivery.ts';

/** A sink that can be part of a transaction of Kafka. */
export interface KafkaFactory<Item> extends SinkFactory<Item> {
  /** Where its rows go. */
  readonly kafka: KafkaOptions;
}

/**
 * Writes items to a topic as CloudEvents in binary mode, keyed by stream. Promise: exactly once in a pipeline whose source is
 * `kafka()` on the same brokers, where rows and input offsets are committed together; else at least once while the process lives,
 * with ids by which doubles are told.
 * @throws STREAMS_OPTION_INVALID, SINK_ADDRESS_INVALID - when an option or an address does not fit.
 */
export function toKafka<Item>(options: KafkaOptions): KafkaFactory<Item> {
  checkOptions('toKafka', options, rules);
  const brokers = brokerAddresses('toKafka', options.brokers);
  const { sasl, tls, ...told } = options;
  return {
    description: { kind: 'toKafka', options: { ...told, ...describeConnection({ brokers, sasl, tls }) } },
    kafka: options,
    check: () => checkDelivery(options.sasl?.password, options.deadLetterPath),
    open: () => KafkaSink.open(options),
  };
}

const rules = {
  ...connectionRules,
  topic: textRule,
  maxQueued: optional(integerRule(1)),
  deadLetterPath: optional(textRule),
  drainTimeoutMs: optional(positiveRule),
};
