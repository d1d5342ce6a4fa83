import { SaccadeError, toErrorRecord } from '../ingest/index.ts';

/**
 * Says what went wrong: one line on standard error, or with `json` one object on standard output. Defects, which have no
 * code, show where they happened.
 */
export function reportError(error: unknown, { json }: { json: boolean }): void {
  const { code, message, remedy } = toErrorRecord(error);
  if (json) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, remedy } })}\n`);
    return;
  }
  const text = error instanceof SaccadeError ? message.replace(/\s*\n\s*/g, ' ') : message;
  process.stderr.write(`error [${code}]: ${text} ${remedy}\n`);
}
