import { type ErrorRecord, toErrorRecord } from '../../ingest/index.ts';
import type { DeploymentStatus, PipelineStatus, StreamStatus } from '../../streams-dsl/index.ts';

/** An error as it is told. */
export type ToldError = Pick<ErrorRecord, 'code' | 'message' | 'remedy'>;

/** What a stream of a run does, as plain JSON. */
export interface ToldStream extends Omit<StreamStatus, 'error' | 'kafka'> {
  readonly kafka: (Omit<NonNullable<StreamStatus['kafka']>, 'trouble'> & { readonly trouble: ToldError | null }) | null;
  readonly error: ToldError | null;
}

/** What a `saccade run` does now, as plain JSON. */
export interface RunStatus {
  /** Number of its process. */
  readonly pid: number;
  /** The pipeline file, or the footage or camera, without credentials. */
  readonly source: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly pipelines: readonly (Omit<PipelineStatus, 'error'> & { readonly error: ToldError | null })[];
  readonly streams: readonly ToldStream[];
}

/** A run that can be looked at and held up. */
export interface ControlledRun {
  /** What it does now. */
  status(): Pick<RunStatus, 'source' | 'pipelines' | 'streams'>;
  /**
   * Lets no more frames of some streams in, or lets them in again.
   * @throws STREAMS_PIPELINE_UNKNOWN - when a stream is not there.
   */
  pause(streams: readonly string[], isPaused: boolean): void;
}

/** The status of a deployment as plain JSON. @param redactError - An error as it may be printed. */
export function toldDeployment(
  { streams, pipelines }: DeploymentStatus,
  redactError: (error: unknown) => unknown,
): Pick<RunStatus, 'pipelines' | 'streams'> {
  const tell = (error: unknown): ToldError | null => {
    if (error === null || error === undefined) return null;
    const { code, message, remedy } = toErrorRecord(redactError(error));
    return { code, message, remedy };
  };
  return {
    pipelines: pipelines.map(one => ({ ...one, error: tell(one.error) })),
    streams: streams.map(one => ({
      ...one,
      kafka: one.kafka && { ...one.kafka, trouble: tell(one.kafka.trouble) },
      error: tell(one.error),
    })),
  };
}
