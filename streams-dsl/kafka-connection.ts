import type { KafkaConnection } from '../sinks/index.ts';
import { choiceRule, type OptionRule, optional, secretRule, textRule } from './check-options.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasOnly = (value: Readonly<Record<string, unknown>>, rules: Readonly<Record<string, OptionRule>>): boolean =>
  Object.keys(value).every(name => Object.hasOwn(rules, name)) &&
  Object.entries(rules).every(([name, { holds }]) => holds(value[name]));

const saslRules = {
  mechanism: optional(choiceRule('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512')),
  username: textRule,
  password: secretRule,
};
const tlsRules = { caFile: optional(textRule), certFile: optional(textRule), key: optional(secretRule) };

/** The options that say how brokers are reached. */
export const connectionRules: Readonly<Record<'brokers' | 'sasl' | 'tls', OptionRule>> = {
  brokers: {
    expected: 'addresses such as "kafka:9092", parted by commas or as a list',
    isSecret: true,
    holds: value =>
      textRule.holds(value) || (Array.isArray(value) && value.length > 0 && value.every(each => textRule.holds(each))),
  },
  sasl: optional({
    expected:
      '{ username: "name", password: { env: "NAME" } or { file: "path" } } with mechanism PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
    isSecret: true,
    holds: value => isObject(value) && hasOnly(value, saslRules),
  }),
  tls: optional({
    expected: 'true, or { caFile, certFile, key: { file: "path" } }',
    isSecret: true,
    holds: value => typeof value === 'boolean' || (isObject(value) && hasOnly(value, tlsRules)),
  }),
};

/** A connection as it may be shown. */
export function describeConnection({
  brokers,
  sasl,
  tls,
}: {
  readonly brokers: readonly string[];
  readonly sasl: KafkaConnection['sasl'];
  readonly tls: KafkaConnection['tls'];
}): Readonly<Record<string, unknown>> {
  return {
    brokers: brokers.join(','),
    ...(sasl !== undefined && { sasl: sasl.mechanism ?? 'PLAIN' }),
    ...(tls !== undefined && tls !== false && { tls: true }),
  };
}
