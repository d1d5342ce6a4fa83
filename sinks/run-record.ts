import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { sinkErrors } from './errors.ts';
import { sinkFailure, systemCode } from './sink-failure.ts';

/** What an output was made from; lies beside it, so that it is only ever resumed with the same. */
export interface RunRecord {
  readonly schema: 'saccade/run/1';
  /** SHA-256 of the footage in hex. */
  readonly footage: string;
  /** SHA-256 of the plan's content in hex. */
  readonly plan: string;
  /** Name of the stream. */
  readonly stream: string;
}

const schema: z.ZodType<RunRecord> = z.object({
  schema: z.literal('saccade/run/1'),
  footage: z.string(),
  plan: z.string(),
  stream: z.string(),
});

/** Path of the record of an output. */
export function runRecordPath(output: string): string {
  return `${output}.run.json`;
}

/**
 * Writes the record of an output, whole or not at all.
 * @throws SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - as their texts say.
 */
export async function writeRunRecord(output: string, record: RunRecord): Promise<void> {
  const path = runRecordPath(output);
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw sinkFailure(path, cause);
  }
}

/**
 * Checks that an output was made from the same things.
 * @throws SINK_RESUME_RECORD_MISSING - when its record is not there or is none; SINK_RESUME_MISMATCH - when it was not.
 */
export async function checkRunRecord(output: string, expected: RunRecord): Promise<void> {
  const path = runRecordPath(output);
  const missing = (reason: string, cause?: unknown): Error =>
    sinkErrors.create('SINK_RESUME_RECORD_MISSING', { path: output, record: path, reason }, { cause });
  let found: RunRecord;
  try {
    found = schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw missing(systemCode(cause) === 'ENOENT' ? 'is not there' : 'does not fit the schema saccade/run/1', cause);
  }
  for (const field of ['footage', 'plan', 'stream'] as const) {
    if (found[field] === expected[field]) continue;
    const details = { path: output, field, expected: found[field], got: expected[field] };
    throw sinkErrors.create('SINK_RESUME_MISMATCH', details);
  }
}
