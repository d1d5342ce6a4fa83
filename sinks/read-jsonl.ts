import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { sinkErrors } from './errors.ts';

/** How to read rows. */
export interface ReadJsonlOptions<Row> {
  readonly path: string;
  readonly schema: z.ZodType<Row>;
  /** What a row is, for the message, such as `decision`. */
  readonly row: string;
  /** Whether a last line that was cut off or damaged is passed over rather than an error. Default false. */
  readonly allowTornEnd?: boolean;
}

/** A row and where it ends. */
export interface JsonlRow<Row> {
  readonly row: Row;
  /** Byte of the file behind the row's line break. */
  readonly endByte: number;
}

/**
 * Reads the rows of a JSON Lines file one after another.
 * @throws SINK_ROWS_UNREADABLE - when the file cannot be read; SINK_ROW_INVALID - when a line does not fit the schema.
 */
export async function* readJsonl<Row>(options: ReadJsonlOptions<Row>): AsyncGenerator<JsonlRow<Row>> {
  const { path, schema, row, allowTornEnd = false } = options;
  let line = 0;
  let endByte = 0;
  let fault: Error | null = null;
  for await (const { text, isWhole } of linesOf(path)) {
    if (fault !== null) throw fault;
    line++;
    endByte += Buffer.byteLength(text) + 1;
    const parsed = parseLine(text, schema);
    if ('value' in parsed && isWhole) yield { row: parsed.value, endByte };
    else {
      const issues = 'value' in parsed ? 'it is cut off' : parsed.issues;
      fault = sinkErrors.create('SINK_ROW_INVALID', { path, line, row, issues });
    }
  }
  if (fault !== null && !allowTornEnd) throw fault;
}

function parseLine<Row>(text: string, schema: z.ZodType<Row>): { value: Row } | { issues: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { issues: `expected JSON; got ${text.length > 60 ? `${text.slice(0, 57)}...` : text}` };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  return { issues: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' | ') };
}

/** The lines of a file without their line breaks; the last is not whole when it has none. */
async function* linesOf(path: string): AsyncGenerator<{ text: string; isWhole: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
        yield { text: bytes.toString('utf8', from, end), isWhole: true };
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw sinkErrors.create('SINK_ROWS_UNREADABLE', { path, reason }, { cause });
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), isWhole: false };
}
