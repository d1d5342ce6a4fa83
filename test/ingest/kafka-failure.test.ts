import { expect, it } from 'vitest';
import { kafkaFailure } from '../../ingest/kafka/kafka-failure.ts';

const task = { access: { brokers: ['a:1', 'b:2'] }, topic: 'frames' };
const coded = (message: string, properties: object, cause?: Error): Error =>
  Object.assign(new Error(message, cause && { cause }), properties);

it.each<[what: string, cause: Error, code: string, text: string]>([
  [
    'nobody listens',
    coded('metadata failed 3 times.', {
      code: 'PLT_KFK_MULTIPLE',
      errors: [coded('Connection failed.', { code: 'PLT_KFK_NETWORK' }, coded('refused', { code: 'ECONNREFUSED' }))],
    }),
    'INGEST_KAFKA_UNREACHABLE',
    'No broker answers at kafka://a:1,b:2: refused (ECONNREFUSED).',
  ],
  [
    'a wrong password',
    coded('x', { code: 'PLT_KFK_NETWORK' }, coded('Authentication failed.', { code: 'PLT_KFK_AUTHENTICATION' })),
    'INGEST_KAFKA_REFUSED',
    'refuse this client: Authentication failed.',
  ],
  [
    'a topic that is not',
    coded('x', { apiId: 'UNKNOWN_TOPIC_OR_PARTITION' }),
    'INGEST_KAFKA_TOPIC_UNKNOWN',
    'no topic frames',
  ],
  ['the same in other words', new Error('Unknown topic frames.'), 'INGEST_KAFKA_TOPIC_UNKNOWN', 'no topic frames'],
  ['anything else', new Error('It rains'), 'INGEST_KAFKA_FAILED', 'failed on topic frames: It rains.'],
])('tells %s', (_, cause, code, text) => {
  const failure = kafkaFailure(cause, task);
  expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
  expect(failure.cause).toBe(cause);
  expect(kafkaFailure(failure, task)).toBe(failure);
});
