import { type ErrorTable, errorTable } from '../ingest/index.ts';

const table = {
  SINK_OUTPUT_EXISTS: {
    message: 'The output {path} exists and is not empty.',
    remedy:
      'Replace it with --force, name another file, or go on from its last row with --resume where there are rows.',
    retryable: false,
  },
  SINK_OUTPUT_UNWRITABLE: {
    message: 'The output {path} cannot be written: {reason}. What was written before stays valid.',
    remedy: 'Name a file in an existing folder that this user may write to.',
    retryable: false,
  },
  SINK_DISK_FULL: {
    message: 'There is no room left for the output {path} ({reason}). What was written before stays valid.',
    remedy: 'Free some space and go on with --resume.',
    retryable: true,
  },
  SINK_PIPE_CLOSED: {
    message: 'The program that reads the output has ended ({reason}).',
    remedy: 'Write to a file if only a part of the rows is read at first.',
    retryable: false,
  },
  SINK_CLOSED: {
    message: 'Rows were written to {path} after it had been closed.',
    remedy: 'Dispose a sink only after its last write.',
    retryable: false,
  },
  SINK_RESUME_RECORD_MISSING: {
    message: 'The output {path} cannot be resumed: {record}, which says what it was made from, {reason}.',
    remedy: 'Restore that file, or start over with --force.',
    retryable: false,
  },
  SINK_RESUME_MISMATCH: {
    message: 'The output {path} was made from something else: expected {field} {expected}, got {got}.',
    remedy: 'Name the same source, plan and stream as before, name another output, or start over with --force.',
    retryable: false,
  },
  SINK_ROWS_UNREADABLE: {
    message: 'The rows of {path} cannot be read: {reason}.',
    remedy: 'Name a file that `saccade run` or `saccade label` wrote.',
    retryable: false,
  },
  SINK_ROWS_MISMATCH: {
    message: 'The rows of {path} are not about {footage}: at row {position} expected {expected}, got {got}.',
    remedy: 'Name the footage that they were made from, or leave them out to run the plan anew.',
    retryable: false,
  },
  SINK_ROW_INVALID: {
    message: 'Line {line} of {path} is not a {row}: {issues}.',
    remedy: 'Restore the line, or make the file again; a line that was cut off at the end is repaired by --resume.',
    retryable: false,
  },
  SINK_ADDRESS_INVALID: {
    message: '{sink} cannot send to {address}: expected a URL that begins with {expected}.',
    remedy: 'Correct the address.',
    retryable: false,
  },
  SINK_TOPIC_INVALID: {
    message:
      'The topic "{topic}" cannot be published to: expected levels without + and #, with fields such as {stream}.',
    remedy: 'Correct the topic.',
    retryable: false,
  },
  SINK_SECRET_MISSING: {
    message: 'The secret {place} cannot be read: {reason}.',
    remedy: 'Set it before the start; it is not part of the options so that nobody prints it.',
    retryable: false,
  },
  SINK_UNDELIVERED: {
    message: 'Rows could not be delivered to {target}: {count} of them, because {reason}.',
    remedy: 'Bring the receiver back and run again, or name a dead-letter file to go on without it.',
    retryable: true,
  },
  SINK_BROKER_REFUSED: {
    message: 'The broker {target} refused the connection: {reason}.',
    remedy: 'Check the user name, the password and the rights of this client at the broker.',
    retryable: false,
  },
} as const;

/** Codes of the errors of `sinks/`: where answers go. */
export type SinkErrorCode = keyof typeof table;

/** Error table of `sinks/`; documented in docs/errors.md. */
export const sinkErrors: ErrorTable<SinkErrorCode> = errorTable(table);
