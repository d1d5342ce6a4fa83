import type { Device, ModelServer } from '../cascade/index.ts';
import { checkImage, SaccadeError } from '../ingest/index.ts';
import { checkOptions, integerRule } from './check-options.ts';
import { streamsErrors } from './errors.ts';
import type { Pipeline } from './pipeline.ts';
import { type AnswerSources, answerSources } from './planner/answer-sources.ts';
import { type PlanOptions, planPipelines } from './planner/plan-pipelines.ts';
import { type StreamsPlan, stepsOf } from './planner/streams-plan.ts';
import { crossedItem } from './runtime/crossed-item.ts';
import { ImageReader } from './runtime/image-reader.ts';
import { ModelLender } from './runtime/model-lender.ts';
import { pictureNeeds } from './runtime/picture-needs.ts';
import { type PipelineStatus, PlanRun, type StepStatus } from './runtime/plan-run.ts';
import type { StreamStatus } from './runtime/running-stream.ts';
import { StreamPacker } from './runtime/stream-packer.ts';

/** How pipelines are run. */
export interface DeployOptions extends PlanOptions {
  /** Most frames of one stream that are unfinished in the main process, 1 or more. Default 64. */
  readonly limit?: number;
  /**
   * Most streams whose cheap stages share a stream worker process, 1 or more, packed in the order in which they start; each
   * has one decoder thread. Default 1: the most isolation, at some 180 MB a stream; 16 a worker take 20 MB each (bench/cameras).
   */
  readonly streamsPerWorker?: number | undefined;
  /** What ONNX models in model workers run on. Default `cpu`. */
  readonly device?: Device | undefined;
  /**
   * Models that answer the images of requests, as long as they are served in the very version; stays the caller's. Default: a
   * deployment has its own processes.
   */
  readonly served?: ModelServer | undefined;
  /** Whether the time in each step is measured, for `explain`. Default false. */
  readonly measure?: boolean;
}

/** What a deployment does, or has done. */
export interface DeploymentStatus {
  readonly streams: readonly StreamStatus[];
  readonly pipelines: readonly PipelineStatus[];
  readonly steps: readonly StepStatus[];
}

/** Settings of a request. */
export interface ExecuteOptions {
  /** Media time of the frame in µs, an integer. Default 0. */
  readonly timestampUs?: number;
  /**
   * Time from now in which a decision is wanted in ms, above 0: what the models have not answered by then is `defaulted`.
   * Default: the `sloMs` of the source.
   */
  readonly deadlineMs?: number | undefined;
  /** Gives the request up: the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Pipelines that run in this process, with their workers. Nothing is started before {@link run} or {@link execute}. Dispose
 * it to end everything at once.
 */
export class Deployment implements AsyncDisposable {
  readonly #options: DeployOptions;
  readonly #models: ModelLender;
  readonly #images = new ImageReader();
  readonly #packer: StreamPacker;
  #pipelines: Pipeline[];
  readonly #runs: PlanRun[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #requests = new Map<string, Promise<PlanRun>>();
  #isRunning = false;
  #isStopped = false;

  /** Use {@link deploy}. */
  constructor(pipelines: readonly Pipeline[], options: DeployOptions) {
    const { streamsPerWorker = 1 } = options;
    checkOptions('deploy', { streamsPerWorker }, { streamsPerWorker: integerRule(1) });
    this.#options = options;
    this.#models = new ModelLender(options.device, options.served);
    this.#packer = new StreamPacker(streamsPerWorker);
    this.#pipelines = [];
    for (const one of pipelines) this.#register(one);
  }

  /**
   * Plans and runs the pipelines, but for those that take requests, until all their streams have ended.
   * @returns what was done.
   * @throws what planning, starting a model or opening a sink throws, before anything runs.
   * @throws what made a pipeline fail (its sink, an operator, or all of its streams), after all others have ended.
   */
  async run(): Promise<DeploymentStatus> {
    this.#isRunning = true;
    this.#isStopped = false;
    try {
      await this.#start(this.#pipelines.filter(one => !takesRequests(one)));
      while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    } finally {
      this.#isRunning = false;
    }
    const status = this.status();
    const failed = status.pipelines.find(({ state }) => state === 'failed');
    if (failed !== undefined) throw failed.error;
    return status;
  }

  /**
   * Answers one frame by a pipeline whose source is `request()`: the same operators, hence the same answer as for the frame
   * of a stream, as far as no operator looks at other frames. The rows go to its sinks, too.
   * @param pipeline - The pipeline itself, or its name.
   * @param image - Bytes of a whole JPEG or PNG file.
   * @returns the rows that came of it.
   * @throws STREAMS_IMAGE_INVALID - when the image is no whole JPEG or PNG of at most 100 megapixels, or does not decode; STREAMS_PIPELINE_UNKNOWN, STREAMS_NOT_A_REQUEST - when
   *   there is no such pipeline, or it reads streams; and what starting its models throws.
   */
  async execute<Row>(
    pipeline: Pipeline<Row> | string,
    image: Uint8Array,
    options: ExecuteOptions = {},
  ): Promise<readonly Row[]> {
    const askedMs = performance.now();
    const { timestampUs = 0, signal } = options;
    const name = typeof pipeline === 'string' ? pipeline : pipeline.name;
    const found = this.#find(name);
    const [source] = found.sources;
    if (source?.description.kind !== 'request') {
      const details = { pipeline: name, source: `${source?.description.kind}()` };
      throw streamsErrors.create('STREAMS_NOT_A_REQUEST', details);
    }
    const { stream, sloMs, default: defaultLabel } = source.description;
    const size = checkImage(image);
    if ('fault' in size) throw streamsErrors.create('STREAMS_IMAGE_INVALID', { got: size.got });
    signal?.throwIfAborted();
    const run = await this.#answering(found);
    const request = {
      dueMs: askedMs + (options.deadlineMs ?? sloMs ?? Number.POSITIVE_INFINITY),
      defaultLabel,
      estimate: null,
    };
    const place = { frame: 0, timestampUs, state: 'decoded' as const, ...size, pictures: [] };
    if (onlyModelsLook(run.plan)) {
      const item = crossedItem(stream, place, { request: { ...request, image } });
      const rows = run.answer(item, signal).catch((error: unknown) => {
        throw imageInvalid(image, error);
      });
      return (await rows) as readonly Row[];
    }
    const crossed = await this.#images.read({ bytes: image, needs: needsOf(run.plan), frame: 0, timestampUs });
    if (crossed.state === 'lost') throw undecodable(image);
    return (await run.answer(
      crossedItem(stream, crossed, { request: { ...request, image: null } }),
      signal,
    )) as readonly Row[];
  }

  /**
   * Starts the models of every pipeline that takes requests; else each starts with its first request.
   * @returns by the names of these pipelines, the plan and the models that their answers come from.
   * @throws what planning and starting them throws.
   */
  async prepareRequests(): Promise<ReadonlyMap<string, AnswerSources>> {
    const prepared = this.#pipelines.filter(takesRequests).map(async (one): Promise<[string, AnswerSources]> => {
      return [one.name, answerSources((await this.#answering(one)).plan)];
    });
    return new Map(await Promise.all(prepared));
  }

  /**
   * Adds a pipeline; while {@link run} is under way it starts at once, with its own reading of its streams.
   * @throws STREAMS_PIPELINE_EXISTS - when its name is taken; what planning and starting it throws.
   */
  async add(pipeline: Pipeline): Promise<void> {
    this.#register(pipeline);
    if (!this.#isRunning || takesRequests(pipeline)) return;
    try {
      await this.#start([pipeline]);
    } catch (error) {
      this.#pipelines = this.#pipelines.filter(one => one !== pipeline);
      throw error;
    }
  }

  /**
   * Ends a pipeline: what it was given is still written. Streams that no other pipeline reads end too.
   * @throws STREAMS_PIPELINE_UNKNOWN - when there is none of this name.
   */
  remove(name: string): void {
    const found = this.#find(name);
    this.#pipelines = this.#pipelines.filter(one => one !== found);
    this.#requests.delete(name);
    for (const run of this.#runs) run.remove(name);
  }

  /** Lets no more frames of a stream in; those that are under way are finished. @throws STREAMS_PIPELINE_UNKNOWN */
  pause(stream: string): void {
    this.#checkStream(stream);
    for (const run of this.#runs) run.pause(stream, true);
  }

  /** Lets the frames of a stream in again. @throws STREAMS_PIPELINE_UNKNOWN */
  resume(stream: string): void {
    this.#checkStream(stream);
    for (const run of this.#runs) run.pause(stream, false);
  }

  /** Ends one stream; its frames that are under way are finished. @throws STREAMS_PIPELINE_UNKNOWN */
  end(stream: string): void {
    this.#checkStream(stream);
    for (const run of this.#runs) run.end(stream);
  }

  /** Ends all streams: {@link run} resolves when what is under way has been written. */
  stop(): void {
    this.#isStopped = true;
    for (const run of this.#runs) run.stop();
  }

  /** What everything does now, or did last. */
  status(): DeploymentStatus {
    const all = this.#runs.map(run => run.status());
    return {
      streams: all.flatMap(({ streams }) => streams),
      pipelines: all.flatMap(({ pipelines }) => pipelines),
      steps: all.flatMap(({ steps }) => steps),
    };
  }

  /** Ends all streams and processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await Promise.allSettled(this.#underWay);
    await Promise.all([this.#models[Symbol.asyncDispose](), this.#images[Symbol.asyncDispose]()]);
  }

  async #start(pipelines: readonly Pipeline[]): Promise<void> {
    if (pipelines.length === 0) return;
    const run = await this.#plan(pipelines);
    const running = run.run().finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
    // Asked to stop while models were starting: what follows ends before its first frame, and its sinks are closed.
    if (this.#isStopped) run.stop();
  }

  #answering(pipeline: Pipeline): Promise<PlanRun> {
    const starting = this.#requests.get(pipeline.name) ?? this.#plan([pipeline]);
    this.#requests.set(pipeline.name, starting);
    return starting;
  }

  async #plan(pipelines: readonly Pipeline[]): Promise<PlanRun> {
    const { physical } = await planPipelines(pipelines, this.#options);
    const { limit = 64, measure = false } = this.#options;
    const decodesImages = pipelines.every(takesRequests) && onlyModelsLook(physical);
    const resources = { models: this.#models, images: this.#images, packer: this.#packer, decodesImages };
    const run = new PlanRun(physical, { ...resources, limit, isTimed: measure });
    await run.prepare();
    this.#runs.push(run);
    return run;
  }

  #register(pipeline: Pipeline): void {
    if (this.#pipelines.some(({ name }) => name === pipeline.name)) {
      throw streamsErrors.create('STREAMS_PIPELINE_EXISTS', { pipeline: pipeline.name });
    }
    const group = groupOf(pipeline);
    const same = group === null ? undefined : this.#pipelines.find(one => groupOf(one) === group);
    if (same !== undefined) {
      // They would share the partitions, and each answer for a part only.
      throw streamsErrors.create('STREAMS_PIPELINE_INVALID', {
        pipeline: pipeline.name,
        place: 'its source',
        expected: 'a consumer group of its own',
        got: `that of pipeline ${same.name}`,
      });
    }
    this.#pipelines.push(pipeline);
  }

  #find(name: string): Pipeline {
    const found = this.#pipelines.find(one => one.name === name);
    if (found !== undefined) return found;
    throw unknown(
      'pipeline',
      name,
      this.#pipelines.map(one => one.name),
    );
  }

  #checkStream(stream: string): void {
    const known = this.#pipelines.flatMap(({ sources }) => sources.map(({ description }) => description.stream));
    if (!known.includes(stream)) throw unknown('stream', stream, known);
  }
}

/**
 * Makes a deployment of pipelines; nothing is started yet.
 * @throws STREAMS_PIPELINE_EXISTS - when two have the same name; STREAMS_OPTION_INVALID - when `streamsPerWorker` is no whole
 *   number, 1 or more.
 */
export function deploy(pipelines: Pipeline | readonly Pipeline[], options: DeployOptions = {}): Deployment {
  return new Deployment('name' in pipelines ? [pipelines] : pipelines, options);
}

function takesRequests({ sources }: Pipeline): boolean {
  return sources.some(({ description }) => description.kind === 'request');
}

/** The consumer group that a pipeline reads a topic with; null: it reads none. */
function groupOf({ sources }: Pipeline): string | null {
  const [source] = sources;
  if (source?.description.kind !== 'kafka') return null;
  const { connection, group } = source.description;
  return JSON.stringify([connection.brokers, group]);
}

function needsOf(plan: StreamsPlan): ReturnType<typeof pictureNeeds> {
  const [end] = plan.pipelines.map(one => one.end);
  let step = end;
  while (step?.inputs[0] !== undefined) [step] = step.inputs;
  return step === undefined ? [] : pictureNeeds(plan, step);
}

/** Whether nothing but models wants pictures: then the images of requests go to them as they came. */
function onlyModelsLook(plan: StreamsPlan): boolean {
  return stepsOf(plan).every(({ work }) => work.kind !== 'difference' && work.kind !== 'map');
}

/** What a model worker says of an image that does not decode, as execute says it. */
function imageInvalid(image: Uint8Array, error: unknown): unknown {
  const isInvalid = error instanceof SaccadeError && error.code === 'CASCADE_IMAGE_INVALID';
  return isInvalid ? undecodable(image) : error;
}

function undecodable(image: Uint8Array): Error {
  return streamsErrors.create('STREAMS_IMAGE_INVALID', { got: `${image.length} bytes that do not decode` });
}

function unknown(what: string, name: string, known: readonly string[]): Error {
  return streamsErrors.create('STREAMS_PIPELINE_UNKNOWN', { what, name, known: known.join(', ') || 'none' });
}
