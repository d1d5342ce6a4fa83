import type { BaseOptions } from '@platformatic/kafka';
import type { KafkaAccess } from './kafka-access.ts';

/**
 * What all clients have in common. Attempts are bounded, because an idempotent producer otherwise tries for ever, also at a
 * coordinator that moved: whoever holds a client discards it after an error and makes a new one.
 */
export function clientOptions({ brokers, sasl, tls }: KafkaAccess): BaseOptions {
  return {
    clientId: 'saccade',
    bootstrapBrokers: [...brokers],
    connectTimeout: 3000,
    requestTimeout: 15_000,
    timeout: 5000,
    retries: 8,
    // 5, 10, 20 … ms: a transaction is refused until the markers of the one before are written.
    retryDelay: (_client, _operation, attempt) => Math.min(2.5 * 2 ** attempt, 500),
    ...(sasl !== null && { sasl }),
    ...(tls !== null && { tls }),
  };
}
