/** What one error code says: the table of a room maps each of its codes to one of these. */
export interface ErrorEntry {
  /** What happened, what was expected and what was found, without the remedy; `{name}` stands for a detail. */
  readonly message: string;
  /** What the reader can do about it, as an imperative sentence; `{name}` stands for a detail. */
  readonly remedy: string;
  /** Whether the same call may succeed later without a change (a network that is down, yes; a wrong file, no). */
  readonly retryable: boolean;
}

/** An error with a stable code; its message ends with what to do. Made by an error table, never by hand. */
export class SaccadeError extends Error {
  override readonly name = 'SaccadeError';
  /** Stable identifier such as `INGEST_FILE_NOT_FOUND`; listed in docs/errors.md. */
  readonly code: string;
  /** What the reader can do about it. */
  readonly remedy: string;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;

  /**
   * Keeps the parts of the message apart, so that they survive a trip between processes.
   * @param parts - Code, message without the remedy, remedy, and whether a retry may help.
   * @param options - The underlying error as `cause`, where there is one.
   */
  constructor(
    parts: { code: string; message: string; remedy: string; retryable: boolean },
    options?: { cause?: unknown },
  ) {
    super(`${parts.message} ${parts.remedy}`, options);
    this.code = parts.code;
    this.remedy = parts.remedy;
    this.retryable = parts.retryable;
  }
}

/** An error as plain data: what crosses from a worker process, where class instances cannot. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly retryable: boolean;
}

/** Flattens an error for the trip between processes; an error without a code becomes `INTERNAL`. */
export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof SaccadeError) {
    const message = error.message.slice(0, error.message.length - error.remedy.length).trimEnd();
    return { code: error.code, message, remedy: error.remedy, retryable: error.retryable };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'INTERNAL', message, remedy: 'This is a defect of Saccade: please report it.', retryable: false };
}

/** The error that `toErrorRecord` flattened. */
export function fromErrorRecord(record: ErrorRecord): SaccadeError {
  return new SaccadeError(record);
}

/** Values for the `{name}` places of a message. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** The error table of a room. */
export interface ErrorTable<Code extends string> {
  /** Every entry by its code; the documentation is checked against it. */
  readonly entries: Readonly<Record<Code, ErrorEntry>>;
  /** Makes an error of one of the table's codes; `details` fill the places in its texts. */
  create(code: Code, details: ErrorDetails, options?: { cause?: unknown }): SaccadeError;
}

/** Turns a room's table of codes into its maker of errors. */
export function errorTable<Code extends string>(entries: Readonly<Record<Code, ErrorEntry>>): ErrorTable<Code> {
  const fill = (template: string, details: ErrorDetails): string =>
    template.replace(/\{(\w+)\}/g, (place, name: string) => String(details[name] ?? place));
  return {
    entries,
    create(code, details, options) {
      const { message, remedy, retryable } = entries[code];
      return new SaccadeError(
        { code, message: fill(message, details), remedy: fill(remedy, details), retryable },
        options,
      );
    },
  };
}
