import { CommanderError } from 'commander';
import { reportError } from './report-error.ts';
import { UsageError } from './usage-error.ts';

const remedy = 'Run it with --help to see its options.';

/**
 * Says that a command was called wrongly, in the form of other errors.
 * @returns The exit code: 2 for wrong usage, 1 for anything else that was thrown.
 */
export function reportUsage(error: unknown, { json }: { json: boolean }): number {
  if (!(error instanceof CommanderError) && !(error instanceof UsageError)) {
    reportError(error, { json });
    return 1;
  }
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[^.?!)]$/, '$&.');
  // Commander asks for its help to be shown when a command is called without anything; that was printed already.
  if (error instanceof CommanderError && error.code === 'commander.help') return 2;
  if (json) process.stdout.write(`${JSON.stringify({ error: { code: 'USAGE', message, remedy } })}\n`);
  else process.stderr.write(`error [USAGE]: ${message} ${remedy}\n`);
  return 2;
}
