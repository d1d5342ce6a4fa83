import { stat } from 'node:fs/promises';
import type { Decision } from '../cascade/index.ts';
import { decisionRow } from './decision-row.ts';
import { decisionSchema } from './decision-schema.ts';
import { sinkErrors } from './errors.ts';
import { JsonlSink } from './jsonl-sink.ts';
import { resumeJsonl } from './resume-jsonl.ts';
import { checkRunRecord, type RunRecord, writeRunRecord } from './run-record.ts';
import { sinkFailure, systemCode } from './sink-failure.ts';

/** What to do with an output that is there already. */
export type ExistingOutput = 'refuse' | 'resume' | 'replace';

/** How to open the output of a run. */
export interface DecisionLogOptions {
  /** File to write, or `-` for standard output, which is never resumed. */
  readonly path: string;
  /** What it is made from. */
  readonly record: RunRecord;
  /** Default `refuse`. */
  readonly existing?: ExistingOutput;
  /** Takes each decision that an interrupted run had written, in frame order. */
  readonly onHistory?: (decision: Decision) => void;
}

/**
 * Opens the output of a run: a new file, or one to go on with after its last whole row. Its {@link RunRecord} is written
 * beside it before the first row.
 * @returns The sink, owned by the caller.
 * @throws SINK_OUTPUT_EXISTS - when the file has content and `existing` is `refuse`; SINK_RESUME_RECORD_MISSING,
 *   SINK_RESUME_MISMATCH, SINK_ROW_INVALID - when it cannot be gone on with: it is not changed then;
 *   SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - when it cannot be opened.
 */
export async function openDecisionLog(options: DecisionLogOptions): Promise<JsonlSink<Decision>> {
  const { path, record, existing = 'refuse', onHistory = () => undefined } = options;
  if (path === '-') return JsonlSink.open({ path, toJson: decisionRow });
  const content = await contentOf(path);
  if (content === 'rows' && existing === 'refuse') throw sinkErrors.create('SINK_OUTPUT_EXISTS', { path });
  if (content === 'rows' && existing === 'resume') {
    await checkRunRecord(path, record);
    const { keepBytes } = await resumeJsonl({ path, schema: decisionSchema, row: 'decision', onRow: onHistory });
    return JsonlSink.open({ path, keepBytes, toJson: decisionRow });
  }
  // Opened first: a record beside an output that cannot be written would only be litter.
  const sink = await JsonlSink.open<Decision>({ path, toJson: decisionRow });
  try {
    if (content !== 'device') await writeRunRecord(path, record);
    return sink;
  } catch (error) {
    await sink[Symbol.asyncDispose]();
    throw error;
  }
}

/** Devices and named pipes take rows but keep none. */
async function contentOf(path: string): Promise<'nothing' | 'rows' | 'device'> {
  try {
    const stats = await stat(path);
    if (stats.isFile()) return stats.size === 0 ? 'nothing' : 'rows';
    return stats.isDirectory() ? 'nothing' : 'device';
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return 'nothing';
    throw sinkFailure(path, cause);
  }
}
