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
  const place = unknownKey === undefined ? (issue?.path ?? []).map(String) : [...(issue?.path ?? []), unknownKey];
  const value = unknownKey === undefined ? issue?.input : '(given)';
  throw streamsErrors.create('STREAMS_OPTION_INVALID', {
    operator: `${operator}()`,
    option: place.join('.') || 'options',
    value: value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80),
    expected: unknownKey === undefined ? (issue?.message ?? 'something else') : 'only options that it knows',
  });
}
