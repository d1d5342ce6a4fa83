import { z } from 'zod';
import { parseOptions } from '../parse-options.ts';
import type { Source } from './source.ts';

/** How requests are named. */
export interface RequestOptions {
  /** Name of the stream in the answers. Default `request`. */
  readonly stream?: string | undefined;
}

const schema: z.ZodType<RequestOptions> = z.strictObject({ stream: z.string().min(1).optional() });

/**
 * One frame at a time, by `execute()` of the deployment: each request is a stream of one frame.
 * @throws STREAMS_OPTION_INVALID - when an option is wrong or unknown.
 */
export function request(options: RequestOptions = {}): Source {
  const { stream = 'request' } = parseOptions('request', schema, options);
  return { description: { kind: 'request', stream } };
}
