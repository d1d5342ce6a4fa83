import { z } from 'zod';
import { parseOptions } from '../parse-options.ts';
import type { Source } from './source.ts';

/** How requests are named, and how long they may take. */
export interface RequestOptions {
  /** Name of the stream in the answers. Default `request`. */
  readonly stream?: string | undefined;
  /**
   * Time in which every request gets a decision in ms, above 0: what the models have not answered by then is `defaulted`.
   * Default: they may take any time.
   */
  readonly sloMs?: number | undefined;
  /** Label of such decisions. Default: what the specialized model holds likely, or false where there is none or it was not asked yet. */
  readonly default?: boolean | undefined;
}

const schema: z.ZodType<RequestOptions> = z.strictObject({
  stream: z.string().min(1).optional(),
  sloMs: z.number('a number above 0').positive('a number above 0').optional(),
  default: z.boolean().optional(),
});

/**
 * One frame at a time, by `execute()` of the deployment: each request is a stream of one frame.
 * @throws STREAMS_OPTION_INVALID - when an option is wrong or unknown.
 */
export function request(options: RequestOptions = {}): Source {
  const { stream = 'request', sloMs = null, default: label = null } = parseOptions('request', schema, options);
  return { description: { kind: 'request', stream, sloMs, default: label } };
}
