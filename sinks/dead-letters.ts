import { appendFile } from 'node:fs/promises';
import { sinkErrors } from './errors.ts';
import { sinkFailure } from './sink-failure.ts';

/** A line of a dead-letter file: a row that could not be delivered. */
export interface DeadLetter {
  /** When it was given up, RFC 3339. */
  readonly givenUpAt: string;
  /** Where it should have gone, without credentials. */
  readonly target: string;
  /** How often it was tried, 0 or more. */
  readonly attempts: number;
  readonly reason: string;
  readonly row: unknown;
}

/** Where rows go that could not be delivered: to a file, or nowhere, which is an error. */
export class DeadLetters {
  readonly #path: string | undefined;
  readonly #target: string;

  /**
   * Remembers where to write; nothing is opened yet.
   * @param path - File of JSON Lines that letters are added to; undefined: there is none.
   * @param target - Where the rows should have gone, without credentials.
   */
  constructor(path: string | undefined, target: string) {
    this.#path = path;
    this.#target = target;
  }

  /**
   * Takes rows that could not be delivered.
   * @throws SINK_UNDELIVERED - when there is no file for them; SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - when the file
   *   cannot be written.
   */
  async add(
    rows: readonly unknown[],
    { attempts, reason }: { readonly attempts: number; readonly reason: string },
  ): Promise<void> {
    if (rows.length === 0) return;
    const target = this.#target;
    if (this.#path === undefined) throw sinkErrors.create('SINK_UNDELIVERED', { count: rows.length, target, reason });
    const givenUpAt = new Date().toISOString();
    const lines = rows.map((row): string => {
      const letter: DeadLetter = { givenUpAt, target, attempts, reason, row };
      return `${JSON.stringify(letter)}\n`;
    });
    try {
      await appendFile(this.#path, lines.join(''));
    } catch (cause) {
      throw sinkFailure(this.#path, cause);
    }
  }
}
