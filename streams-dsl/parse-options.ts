import type { z } from 'zod';
import { streamsErrors } from './errors.ts';

/**
 * Checks the options of an operator, for those who write JavaScript.
 * @param operator - Name of the function that was called.
 * @returns the options as given, defaults filled in.
 * @throws STREAMS_OPTION_INVALID - names the first option that is wrong, missing or unknown.
 */
export function parseOptions<Options>(operator: string, schema: z.ZodType<Options>, options: unknown): Options {
  const parsed = schema.safeParse(options, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const place =
    unknownKey === undefined ? (issue?.path ?? []).map(String) : [...(issue?.path ?? []).map(String), unknownKey];
  throw streamsErrors.create('STREAMS_OPTION_INVALID', {
    operator: `${operator}()`,
    option: place.join('.') || 'options',
    value: describeValue(place.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), options)),
    expected: unknownKey === undefined ? describeExpected(issue?.message) : 'only options that it knows',
  });
}

/** What zod says by itself begins with words that the message has already. */
function describeExpected(message = 'something else'): string {
  return message.replace(/^[A-Z][a-z]+ [a-z]+: expected /, '');
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
