import { type ErrorTable, errorTable } from '../../ingest/index.ts';

const table = {
  CLI_NO_RUN: {
    message: 'There is no such run: expected {expected}, got {found}.',
    remedy: 'Start one with `saccade run`; only runs of the same user on this machine are seen.',
    retryable: false,
  },
  CLI_RUN_AMBIGUOUS: {
    message: 'More than one run is meant: expected one, got {found}.',
    remedy: 'Name one by --run and its number.',
    retryable: false,
  },
  CLI_RUN_SILENT: {
    message: 'The run {pid} did not answer: {reason}.',
    remedy: 'Try again; if it stays silent, end it with Ctrl-C or SIGTERM.',
    retryable: true,
  },
} as const;

/** Code of an error in talking to a run. */
export type CliErrorCode = keyof typeof table;

/** Errors in talking to a run. */
export const cliErrors: ErrorTable<CliErrorCode> = errorTable(table);
