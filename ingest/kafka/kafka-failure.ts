import { ingestErrors } from '../errors.ts';
import { SaccadeError } from '../saccade-error.ts';
import { type KafkaAccess, printedBrokers } from './kafka-access.ts';
import { type KafkaMessage, messageBytes } from './kafka-message.ts';

/** What was being done when something failed. */
export interface KafkaTask {
  readonly access: Pick<KafkaAccess, 'brokers'>;
  readonly topic: string;
}

const refusals: ReadonlySet<string> = new Set([
  'PLT_KFK_AUTHENTICATION',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);
const unknownTopics: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INVALID_TOPIC_EXCEPTION',
]);
const unreachable: ReadonlySet<string> = new Set(['PLT_KFK_NETWORK', 'PLT_KFK_TIMEOUT', 'ECONNREFUSED', 'ENOTFOUND']);

/** The error of this room for what the client ran into; its own are left as they are. */
export function kafkaFailure(cause: unknown, { access, topic }: KafkaTask): SaccadeError {
  if (cause instanceof SaccadeError) return cause;
  const codes = kafkaErrorCodes(cause);
  const has = (some: ReadonlySet<string>): boolean => codes.some(code => some.has(code));
  const brokers = printedBrokers(access);
  const reason = reasonOf(cause, codes);
  if (has(refusals)) return ingestErrors.create('INGEST_KAFKA_REFUSED', { brokers, reason }, { cause });
  // The client says it in words of its own.
  if (has(unknownTopics) || chain(cause).some(({ message }) => message.startsWith('Unknown topic')))
    return ingestErrors.create('INGEST_KAFKA_TOPIC_UNKNOWN', { topic, brokers }, { cause });
  if (has(unreachable)) return ingestErrors.create('INGEST_KAFKA_UNREACHABLE', { brokers, reason }, { cause });
  return ingestErrors.create('INGEST_KAFKA_FAILED', { brokers, topic, reason }, { cause });
}

/** The error for a record that brokers do not take. */
export function recordTooLarge(message: KafkaMessage, access: Pick<KafkaAccess, 'brokers'>): SaccadeError {
  const details = { topic: message.topic, bytes: messageBytes(message), brokers: printedBrokers(access) };
  return ingestErrors.create('INGEST_RECORD_TOO_LARGE', details);
}

/** The codes in an error and in all that caused it, outermost first. */
export function kafkaErrorCodes(error: unknown): string[] {
  return chain(error).flatMap(({ apiId, code }) => [apiId, code].filter(each => typeof each === 'string'));
}

type Link = Error & { readonly apiId?: string; readonly code?: string; readonly errors?: readonly unknown[] };

function chain(error: unknown): Link[] {
  if (!(error instanceof Error)) return [];
  const link: Link = error;
  return [link, ...(link.errors ?? []).flatMap(chain), ...chain(link.cause)];
}

/** In few words: the innermost reason, which the outer ones only wrap. */
function reasonOf(error: unknown, codes: readonly string[]): string {
  const innermost = chain(error).findLast(({ message }) => message !== '');
  const text = innermost === undefined ? String(error) : innermost.message.split('\n')[0]?.replace(/\.$/, '');
  const code = codes.findLast(each => !each.startsWith('PLT_KFK_'));
  return code === undefined || text?.includes(code) ? String(text) : `${text} (${code})`;
}
