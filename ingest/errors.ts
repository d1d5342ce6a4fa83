import { type ErrorTable, errorTable } from './saccade-error.ts';

const table = {
  INGEST_FRAME_DISPOSED: {
    message: 'Frame {index} was used or disposed after it had been disposed.',
    remedy: 'Dispose each frame exactly once, after its last use.',
    retryable: false,
  },
} as const;

/** Codes of the errors of `ingest/`: where frames come from. */
export type IngestErrorCode = keyof typeof table;

/** Error table of `ingest/`; documented in docs/errors.md. */
export const ingestErrors: ErrorTable<IngestErrorCode> = errorTable(table);
