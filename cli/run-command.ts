import { reportError } from './report-error.ts';
import { UsageError } from './usage-error.ts';

/** What a command is given beside its options. */
export interface CommandContext {
  /** Whether standard output takes one JSON object and nothing else. */
  readonly json: boolean;
  /** Aborted by Ctrl-C or SIGTERM: finish what is certain and return. */
  readonly signal: AbortSignal;
  /** Prints the result: the object with `--json`, else the text. Call once. */
  print(result: object, text: string): void;
  /** Makes the exit code 1 though nothing is thrown: what was printed says what is wrong. */
  fail(): void;
}

/** Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted, 143 terminated. */
const interruptedBy = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command: answers Ctrl-C (once: end cleanly; twice: end at once), reports its error, sets the exit code.
 * @param action - Resolves when it is done, or when it has ended cleanly after the signal was aborted.
 */
export async function runCommand(
  { json = false }: { json?: boolean | undefined },
  action: (context: CommandContext) => Promise<void>,
): Promise<void> {
  const interruption = new AbortController();
  let exitCode: number | null = null;
  let hasFailed = false;
  const onSignal = (signal: keyof typeof interruptedBy): void => {
    if (exitCode !== null) process.exit(interruptedBy[signal]);
    exitCode = interruptedBy[signal];
    if (process.stderr.isTTY) process.stderr.write('\nending with what is done; press Ctrl-C again to stop at once\n');
    interruption.abort(new Interrupted());
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    await action({
      json,
      signal: interruption.signal,
      print: (result, text) => void process.stdout.write(json ? `${JSON.stringify(result)}\n` : text),
      fail: () => {
        hasFailed = true;
      },
    });
    process.exitCode = exitCode ?? Number(hasFailed);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    process.exitCode = exitCode ?? 1;
    if (error instanceof Interrupted) {
      if (json) process.stdout.write(`${JSON.stringify({ interrupted: true })}\n`);
      else process.stderr.write('interrupted\n');
      return;
    }
    reportError(error, { json });
    process.exitCode = 1;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
}

class Interrupted extends Error {
  constructor() {
    super('interrupted');
  }
}
