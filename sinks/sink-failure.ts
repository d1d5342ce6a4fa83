import type { SaccadeError } from '../ingest/index.ts';
import { sinkErrors } from './errors.ts';

/** The error for what the operating system said when an output was opened or written. */
export function sinkFailure(path: string, cause: unknown): SaccadeError {
  const code = systemCode(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return sinkErrors.create('SINK_DISK_FULL', { path, reason: code }, { cause });
  }
  if (code === 'EPIPE') return sinkErrors.create('SINK_PIPE_CLOSED', { reason: code }, { cause });
  return sinkErrors.create('SINK_OUTPUT_UNWRITABLE', { path, reason }, { cause });
}

/** Code of an error of the operating system such as `ENOENT`; undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
