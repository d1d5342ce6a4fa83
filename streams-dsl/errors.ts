import { type ErrorTable, errorTable } from '../ingest/index.ts';

const table = {
  STREAMS_OPTION_INVALID: {
    message: '{operator} cannot take {option} = {value}: expected {expected}.',
    remedy: 'Correct the option; docs/pipelines.md lists them.',
    retryable: false,
  },
  STREAMS_FUNCTION_FAILED: {
    message: '{operator} failed on {item}: its function threw {reason}.',
    remedy: 'Correct the function, or let such items go with onError: "drop".',
    retryable: false,
  },
} as const;

/** Stable codes of the errors of this room. */
export type StreamsErrorCode = keyof typeof table;

/** The errors of this room; docs/errors.md lists them. */
export const streamsErrors: ErrorTable<StreamsErrorCode> = errorTable(table);
