import { parseDuration } from './duration.ts';
import { streamsErrors } from './errors.ts';

/** What an option must be. */
export interface OptionRule {
  /** Completes "expected …" in the message. */
  readonly expected: string;
  /** Whether a value fits. */
  readonly holds: (value: unknown) => boolean;
  /** Whether the value may be a secret, which no message shows. Default false. */
  readonly isSecret?: boolean;
}

/** A duration of at least so many ms, inclusive; default 0. */
export const durationRule = (leastMs = 0): OptionRule => ({
  expected: `a duration such as "1s" or "200ms", or a number of ms, at least ${leastMs} ms`,
  holds: value => (parseDuration(value) ?? -1) >= leastMs,
});

/** An integer of at least `least`, inclusive. */
export const integerRule = (least: number): OptionRule => ({
  expected: `an integer of at least ${least}`,
  holds: value => Number.isSafeInteger(value) && (value as number) >= least,
});

/** A finite number above 0. */
export const positiveRule: OptionRule = {
  expected: 'a number above 0',
  holds: value => typeof value === 'number' && Number.isFinite(value) && value > 0,
};

/** A number from 0 to 1, inclusive. */
export const shareRule: OptionRule = {
  expected: 'a number from 0 to 1',
  holds: value => typeof value === 'number' && value >= 0 && value <= 1,
};

/** A function. */
export const functionRule: OptionRule = { expected: 'a function', holds: value => typeof value === 'function' };

/** Text of at least one character. */
export const textRule: OptionRule = {
  expected: 'text that is not empty',
  holds: value => typeof value === 'string' && value !== '',
};

/** One of these values. */
export const choiceRule = (...choices: readonly unknown[]): OptionRule => ({
  expected: `one of ${choices.map(choice => JSON.stringify(choice)).join(', ')}`,
  holds: value => choices.includes(value),
});

/** Whatever there is: the option is checked elsewhere. */
export const anyRule: OptionRule = { expected: 'a value', holds: value => value !== undefined };

/** An option that may be left out. */
export const optional = (rule: OptionRule): OptionRule => ({
  ...rule,
  holds: value => value === undefined || rule.holds(value),
});

/** Where a secret is; the secret itself is never an option, though somebody may give it by mistake. */
export const secretRule: OptionRule = {
  expected: '{ env: "NAME" } or { file: "path" }',
  isSecret: true,
  holds: value => {
    const { env, file } = (value ?? {}) as { readonly env?: unknown; readonly file?: unknown };
    return textRule.holds(env) !== textRule.holds(file);
  },
};

/** What to do with an item on which the user's function threw. */
export const onErrorRule: OptionRule = optional(choiceRule('fail', 'drop'));

/**
 * Checks the options of an operator: programs in JavaScript and pipelines in JSON come without a compiler.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit its rule, or has no rule.
 */
export function checkOptions(operator: string, options: object, rules: Readonly<Record<string, OptionRule>>): void {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const known = Object.keys(rules).join(', ');
  if (typeof options !== 'object' || options === null) {
    throw optionError(operator, 'options', options, `an object with ${known}`);
  }
  for (const option of Object.keys(values)) {
    // Its value may be anything, a secret among them.
    if (!Object.hasOwn(rules, option)) throw optionError(operator, option, given, `one of the options ${known}`);
  }
  for (const [option, { expected, holds, isSecret }] of Object.entries(rules)) {
    const value = values[option];
    if (!holds(value)) throw optionError(operator, option, isSecret ? given : value, expected);
  }
}

/** The error of one option. */
export function optionError(operator: string, option: string, value: unknown, expected: string): Error {
  const details = { operator, option, value: describeValue(value), expected };
  return streamsErrors.create('STREAMS_OPTION_INVALID', details);
}

/** Stands for a value that is not shown. */
const given: unique symbol = Symbol('(not shown)');

function describeValue(value: unknown): string {
  if (value === given) return '(not shown)';
  if (typeof value === 'function') return '(function)';
  if (typeof value === 'number' || value === undefined) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
