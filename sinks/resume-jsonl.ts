import { sinkErrors } from './errors.ts';
import { type ReadJsonlOptions, readJsonl } from './read-jsonl.ts';

/** What an interrupted run left behind. */
export interface ResumedJsonl {
  /** Whole rows, 0 or more. */
  readonly rows: number;
  /** Bytes up to the end of the last whole row: what `keepBytes` of {@link JsonlSink} expects. */
  readonly keepBytes: number;
}

/**
 * Reads the rows of an output that is to be gone on with; a last line that was cut off does not count. The file itself
 * is changed only when it is opened for writing with `keepBytes`.
 * @param options.onRow - Takes each row, in order.
 * @throws SINK_ROWS_UNREADABLE - when it cannot be read; SINK_ROW_INVALID - when a line before the last does not fit, or
 *   a row is not about the frame after the one before.
 */
export async function resumeJsonl<Row extends { readonly frame: number }>(
  options: Omit<ReadJsonlOptions<Row>, 'allowTornEnd'> & { readonly onRow: (row: Row) => void },
): Promise<ResumedJsonl> {
  const { path, onRow, row: what } = options;
  let rows = 0;
  let keepBytes = 0;
  for await (const { row, endByte } of readJsonl({ ...options, allowTornEnd: true })) {
    if (row.frame !== rows) {
      const details = { path, line: rows + 1, row: what, issues: `expected frame ${rows}, got frame ${row.frame}` };
      throw sinkErrors.create('SINK_ROW_INVALID', details);
    }
    onRow(row);
    rows++;
    keepBytes = endByte;
  }
  return { rows, keepBytes };
}
