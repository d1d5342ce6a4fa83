import { checkAddress, type WebhookOptions, WebhookSink } from '../../sinks/index.ts';
import {
  checkOptions,
  integerRule,
  optional,
  optionError,
  positiveRule,
  secretRule,
  textRule,
} from '../check-options.ts';
import type { SinkFactory } from '../sink-factory.ts';
import { checkDelivery } from './check-delivery.ts';

/**
 * Posts items as JSON, CloudEvents in structured mode, signed, in order. Promise: at least once while the process lives;
 * what is tried in vain goes to the dead-letter file.
 * @param url - Where to; http or https. Credentials in it are sent as basic authorization, and never printed.
 * @throws STREAMS_OPTION_INVALID, SINK_ADDRESS_INVALID - when an option or the address does not fit.
 */
export function toWebhook<Item>(url: string, options: Omit<WebhookOptions, 'url'> = {}): SinkFactory<Item> {
  const { printed } = checkAddress('toWebhook', url, ['https', 'http']);
  checkOptions('toWebhook', options, rules);
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // The value may be a token: the message must not show it.
    if (typeof value !== 'string') throw optionError('toWebhook', `headers.${name}`, typeof value, 'text');
  }
  const { headers, ...told } = options;
  return {
    description: { kind: 'toWebhook', options: { url: printed, ...told, headers: headers && Object.keys(headers) } },
    check: () => checkDelivery(options.secret, options.deadLetterPath),
    open: () => WebhookSink.open({ url, ...options }),
  };
}

const rules = {
  secret: optional(secretRule),
  headers: optional({ expected: 'an object of texts', holds: value => typeof value === 'object' && value !== null }),
  timeoutMs: optional(positiveRule),
  attempts: optional(integerRule(1)),
  backoff: optional({
    expected: 'an object with baseMs, factor and capMs',
    holds: value =>
      typeof value === 'object' && value !== null && ['baseMs', 'factor', 'capMs'].every(name => name in value),
  }),
  maxQueued: optional(integerRule(1)),
  deadLetterPath: optional(textRule),
  drainTimeoutMs: optional(positiveRule),
};
