import { z } from 'zod';
import type { ErrorRecord } from '../../ingest/index.ts';
import type { RunStatus } from './run-status.ts';

/** What a run is asked: one line of JSON a connection. `streams` empty: all. */
export type ControlQuestion =
  | { readonly command: 'status' }
  | { readonly command: 'pause' | 'resume'; readonly streams: readonly string[] };

/** What it answers: one line of JSON. */
export type ControlAnswer = { readonly status: RunStatus } | { readonly error: ErrorRecord };

/** Checks a question. */
export const questionSchema: z.ZodType<ControlQuestion> = z.union([
  z.strictObject({ command: z.literal('status') }),
  z.strictObject({ command: z.enum(['pause', 'resume']), streams: z.array(z.string()) }),
]);
