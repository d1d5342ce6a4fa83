import { checkAddress, type MqttOptions, MqttSink, topicTemplate } from '../../sinks/index.ts';
import {
  checkOptions,
  choiceRule,
  integerRule,
  optional,
  positiveRule,
  secretRule,
  textRule,
} from '../check-options.ts';
import type { SinkFactory } from '../sink-factory.ts';
import { checkDelivery } from './check-delivery.ts';

/**
 * Publishes items as JSON over MQTT with QoS 1. Promise: at least once while the process lives; a broker that is down is
 * tried again.
 * @param url - The broker; mqtt, mqtts, ws or wss. Credentials in it are used, and never printed.
 * @throws STREAMS_OPTION_INVALID, SINK_ADDRESS_INVALID, SINK_TOPIC_INVALID - when an option, the address or the topic
 *   does not fit.
 */
export function toMqtt<Item>(url: string, options: Omit<MqttOptions, 'url'> = {}): SinkFactory<Item> {
  const { printed } = checkAddress('toMqtt', url, ['mqtt', 'mqtts', 'ws', 'wss']);
  checkOptions('toMqtt', options, rules);
  if (options.topic !== undefined) topicTemplate(options.topic);
  return {
    description: { kind: 'toMqtt', options: { url: printed, ...options } },
    check: () => checkDelivery(options.password, options.deadLetterPath),
    open: () => MqttSink.open({ url, ...options }),
  };
}

const rules = {
  topic: optional(textRule),
  retain: optional(choiceRule(true, false)),
  statusTopic: optional(textRule),
  username: optional(textRule),
  password: optional(secretRule),
  clientId: optional(textRule),
  maxQueued: optional(integerRule(1)),
  reconnectMs: optional(positiveRule),
  deadLetterPath: optional(textRule),
  drainTimeoutMs: optional(positiveRule),
};
