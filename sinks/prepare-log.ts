import { stat } from 'node:fs/promises';
import type { Decision } from '../cascade/index.ts';
import { decisionRow } from './decision-row.ts';
import { decisionSchema } from './decision-schema.ts';
import { sinkErrors } from './errors.ts';
import type { Interval } from './interval.ts';
import { JsonlSink, type JsonlSinkOptions } from './jsonl-sink.ts';
import { resumeJsonl } from './resume-jsonl.ts';
import { checkRunRecord, type RunRecord, writeRunRecord } from './run-record.ts';
import { sinkFailure, systemCode } from './sink-failure.ts';

/** What to do with an output that is there already. */
export type ExistingOutput = 'refuse' | 'resume' | 'replace';

/** An output of a run. */
export interface LogOptions {
  /** File to write, or `-` for standard output, which is never resumed. */
  readonly path: string;
  /** What it is made from. */
  readonly record: RunRecord;
  /** Default `refuse`. */
  readonly existing?: ExistingOutput;
}

/** An output that may be written: checked, but untouched until it is opened. */
export interface PreparedLog<Row> {
  /**
   * Opens the output, and writes its {@link RunRecord} beside it before the first row. Call once.
   * @returns The sink, owned by the caller.
   * @throws SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - as their texts say.
   */
  open(): Promise<JsonlSink<Row>>;
}

/**
 * Prepares the decisions of a run: a new file, or one to go on with after its last whole row. Nothing is changed yet, so
 * that a run which cannot start leaves everything as it was.
 * @param options.onHistory - Takes each decision that an interrupted run had written, in frame order.
 * @throws SINK_OUTPUT_EXISTS - when the file has content and `existing` is `refuse`; SINK_RESUME_RECORD_MISSING,
 *   SINK_RESUME_MISMATCH, SINK_ROW_INVALID - when it cannot be gone on with; SINK_OUTPUT_UNWRITABLE - when the path leads
 *   nowhere.
 */
export async function prepareDecisionLog(
  options: LogOptions & { readonly onHistory?: (decision: Decision) => void },
): Promise<PreparedLog<Decision>> {
  const { path, existing, onHistory: onRow = () => undefined } = options;
  const content = await checkOutput(options);
  if (content !== 'rows' || existing !== 'resume') return newLog(options, content, { path, toJson: decisionRow });
  const { keepBytes } = await resumeJsonl({ path, schema: decisionSchema, row: 'decision', onRow });
  return { open: () => JsonlSink.open({ path, keepBytes, toJson: decisionRow }) };
}

/**
 * Prepares the intervals of a run. A resumed run writes them anew, from all of its decisions.
 * @throws as {@link prepareDecisionLog}.
 */
export async function prepareIntervalLog(options: LogOptions): Promise<PreparedLog<Interval>> {
  return newLog(options, await checkOutput(options), { path: options.path });
}

/** Devices and named pipes take rows but keep none. */
type Content = 'nothing' | 'rows' | 'device';

async function checkOutput({ path, record, existing = 'refuse' }: LogOptions): Promise<Content> {
  const content = await contentOf(path);
  if (content === 'rows' && existing === 'refuse') throw sinkErrors.create('SINK_OUTPUT_EXISTS', { path });
  if (content === 'rows' && existing === 'resume') await checkRunRecord(path, record);
  return content;
}

async function contentOf(path: string): Promise<Content> {
  if (path === '-') return 'device';
  try {
    const stats = await stat(path);
    if (stats.isFile()) return stats.size === 0 ? 'nothing' : 'rows';
    return stats.isDirectory() ? 'nothing' : 'device';
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return 'nothing';
    throw sinkFailure(path, cause);
  }
}

function newLog<Row>({ path, record }: LogOptions, content: Content, sink: JsonlSinkOptions<Row>): PreparedLog<Row> {
  return {
    async open() {
      // Opened first: a record beside an output that cannot be written would only be litter.
      const opened = await JsonlSink.open(sink);
      try {
        if (content !== 'device') await writeRunRecord(path, record);
        return opened;
      } catch (error) {
        await opened[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}
