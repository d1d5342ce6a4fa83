import { type ErrorRecord, toErrorRecord } from '../ingest/index.ts';
import type { DeploymentStatus, PipelineStatus, StreamStatus } from '../streams-dsl/index.ts';
import { formatFacts, formatTable, short } from './format-table.ts';

type Told = Pick<ErrorRecord, 'code' | 'message' | 'remedy'>;

/** What `saccade run` of a pipeline file prints at its end; with `--json` as it is. */
export interface PipelinesSummary {
  readonly file: string;
  readonly pipelines: readonly (Pick<PipelineStatus, 'pipeline' | 'state' | 'rows'> & {
    readonly error: Told | null;
  })[];
  readonly streams: readonly (Pick<StreamStatus, 'stream' | 'state' | 'frames' | 'dropped'> & {
    /** Frames ÷ `wallSeconds`. */
    readonly framesPerSecond: number;
    readonly error: Told | null;
  })[];
  /** Names of the pipelines that take requests, and were therefore not run. */
  readonly requests: readonly string[];
  readonly wallSeconds: number;
  readonly interrupted: boolean;
}

/** What else a summary tells. */
export interface SummaryContext extends Pick<PipelinesSummary, 'file' | 'requests' | 'wallSeconds' | 'interrupted'> {
  /** An error as it may be printed. */
  readonly redactError: (error: unknown) => unknown;
}

/** Puts the summary of a run together. */
export function summarizePipelines(
  status: DeploymentStatus,
  { redactError, ...told }: SummaryContext,
): PipelinesSummary {
  const tell = (error: unknown): Told | null => {
    if (error === null || error === undefined) return null;
    const { code, message, remedy } = toErrorRecord(redactError(error));
    return { code, message, remedy };
  };
  return {
    ...told,
    pipelines: status.pipelines.map(({ pipeline, state, rows, error }) => ({
      pipeline,
      state,
      rows,
      error: tell(error),
    })),
    streams: status.streams.map(({ stream, state, frames, dropped, error }) => ({
      stream,
      state,
      frames,
      dropped,
      framesPerSecond: told.wallSeconds > 0 ? frames / told.wallSeconds : 0,
      error: tell(error),
    })),
  };
}

/** The summary for people. */
export function formatPipelines(summary: PipelinesSummary): string {
  const { pipelines, streams, requests, wallSeconds, interrupted } = summary;
  const dropped = ({ stale, superseded, full }: StreamStatus['dropped']): number => stale + superseded + full;
  const tables = [
    formatTable([
      ['pipeline', 'rows', 'state'],
      ...pipelines.map(({ pipeline, rows, state }) => [pipeline, String(rows), state]),
      ...requests.map(name => [name, '-', 'takes requests: not run']),
    ]),
    formatTable([
      ['stream', 'frames', 'fps', 'dropped', 'state'],
      ...streams.map(one => [
        one.stream,
        String(one.frames),
        short(one.framesPerSecond),
        String(dropped(one.dropped)),
        one.state,
      ]),
    ]),
  ];
  const facts = formatFacts([['time', `${short(wallSeconds)} s`]]);
  const errors = streams.flatMap(({ stream, error }) =>
    error === null ? [] : [`${stream}: [${error.code}] ${error.message}\n`],
  );
  const ending = interrupted ? 'interrupted: what was done until then is written\n' : '';
  return `${tables.join('\n')}\n${facts}${errors.join('')}${ending}`;
}
