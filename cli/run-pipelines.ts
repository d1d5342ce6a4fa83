import type { Device } from '../cascade/index.ts';
import { toErrorRecord } from '../ingest/index.ts';
import { type Deployment, deploy, type Pipeline } from '../streams-dsl/index.ts';
import { type ControlledRun, toldDeployment } from './control/run-status.ts';
import { serveControl } from './control/serve-control.ts';
import { loadPipelineFile, type PipelineFile, writesToStandardOutput } from './pipeline-file.ts';
import { formatPipelines, summarizePipelines } from './pipelines-summary.ts';
import type { CommandContext } from './run-command.ts';
import { StreamsProgress } from './streams-progress.ts';
import { UsageError } from './usage-error.ts';

/** Values of the options that `saccade run` takes with a pipeline file. */
export interface RunPipelinesValues {
  readonly models: string;
  readonly only?: readonly string[];
  readonly streamsPerWorker?: number;
  readonly device?: Device;
}

/** Runs the pipelines of a file until their streams have ended, or the signal is aborted. */
export async function runPipelines(
  file: string,
  { models, only, streamsPerWorker, device }: RunPipelinesValues,
  { json, signal, print, fail }: CommandContext,
): Promise<void> {
  const loaded = await loadPipelineFile(file, only);
  const { pipelines } = loaded;
  const usesOutput = pipelines.filter(writesToStandardOutput).map(({ name }) => name);
  if (json && usesOutput.length > 0) {
    throw new UsageError(
      `--json and the sinks of ${usesOutput.join(', ')} both want standard output: use one of them.`,
    );
  }
  const { status, wallSeconds, error } = await execute(loaded, {
    models,
    streamsPerWorker,
    device,
    signal,
    isQuiet: usesOutput.length > 0,
    control: { source: file, redactError: loaded.redactError, isQuiet: json },
  });
  const interrupted = signal.aborted;
  const requests = pipelines.filter(takesRequests).map(({ name }) => name);
  const { redactError } = loaded;
  const summary = summarizePipelines(status, { file, requests, wallSeconds, interrupted, redactError });
  if (error !== null && status.pipelines.length === 0) throw redactError(error);
  if (error !== null && json) {
    // One object: the error as every command tells it, and beside it what was done all the same.
    const { code, message, remedy } = toErrorRecord(redactError(error));
    print({ ...summary, error: { code, message, remedy } }, '');
    return fail();
  }
  const text = formatPipelines(summary);
  if (usesOutput.length > 0) process.stderr.write(text);
  else print(summary, text);
  if (error !== null) throw redactError(error);
}

interface Executed {
  readonly status: ReturnType<ReturnType<typeof deploy>['status']>;
  readonly wallSeconds: number;
  /** What made a pipeline fail, or hindered the start; null: nothing. */
  readonly error: unknown;
}

/** How pipelines are run by commands. */
export interface ExecuteSettings {
  readonly models: string;
  /** Streams that a worker process decodes, 1 or more. Default 1. */
  readonly streamsPerWorker?: number | undefined;
  /** What ONNX models in model workers run on. Default `cpu`. */
  readonly device?: Device | undefined;
  readonly signal: AbortSignal;
  /** Whether progress is not shown, though there is a terminal. */
  readonly isQuiet: boolean;
  /** Whether the time in each step is measured. Default false. */
  readonly measure?: boolean;
  /** How `saccade status` sees it. Default: not at all. */
  readonly control?: {
    readonly source: string;
    readonly redactError: (error: unknown) => unknown;
    readonly isQuiet: boolean;
  };
}

/** Runs pipelines to their end, or until the signal is aborted: then what is under way is still written. */
export async function execute(
  { pipelines }: Pick<PipelineFile, 'pipelines'>,
  { models, streamsPerWorker, device, signal, isQuiet, measure = false, control }: ExecuteSettings,
): Promise<Executed> {
  signal.throwIfAborted();
  const startedMs = performance.now();
  await using deployment = deploy(pipelines, { models, streamsPerWorker, device, measure });
  await using _control =
    control === undefined ? null : await serveControl(controlled(deployment, control), { isQuiet: control.isQuiet });
  const onAbort = (): void => deployment.stop();
  signal.addEventListener('abort', onAbort);
  let error: unknown = null;
  try {
    using progress = new StreamsProgress({ streams: () => deployment.status().streams });
    if (!isQuiet) progress.start();
    await deployment.run();
  } catch (cause) {
    error = cause;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  return { status: deployment.status(), wallSeconds: (performance.now() - startedMs) / 1000, error };
}

function controlled(
  deployment: Deployment,
  { source, redactError }: NonNullable<ExecuteSettings['control']>,
): ControlledRun {
  return {
    status: () => ({ source, ...toldDeployment(deployment.status(), redactError) }),
    pause(named, isPaused) {
      const running = deployment.status().streams.map(({ stream }) => stream);
      const streams = named.length > 0 ? named : [...new Set(running)];
      for (const stream of streams) {
        if (isPaused) deployment.pause(stream);
        else deployment.resume(stream);
      }
    },
  };
}

/** Whether a pipeline answers requests rather than streams. */
export function takesRequests({ sources }: Pipeline): boolean {
  return sources.some(({ description }) => description.kind === 'request');
}
