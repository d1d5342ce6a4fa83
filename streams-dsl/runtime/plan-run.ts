import { catchError, EMPTY, merge, Observable, of, Subject, share, takeUntil } from 'rxjs';
import type { CascadeRun, CascadeStats, Decision, HostedStream } from '../../cascade/index.ts';
import { type LiveGate, machineMs } from '../../ingest/index.ts';
import type { Sink } from '../../sinks/index.ts';
import { CreditGate, gatedSource } from '../credit-gate.ts';
import type { FrameItem } from '../frame-item.ts';
import { describeStep } from '../planner/describe-step.ts';
import {
  type PipelinePlan,
  type PlanStep,
  type ProgramStep,
  type StreamsPlan,
  stepsOf,
} from '../planner/streams-plan.ts';
import { isLive } from '../sources/source.ts';
import { BoundSteps, type StepResources } from './bind-steps.ts';
import type { CameraReader } from './camera-reader.ts';
import type { FrameReader } from './frame-reader.ts';
import { KafkaPipeline } from './kafka-pipeline.ts';
import { pictureNeeds } from './picture-needs.ts';
import { readSource } from './read-source.ts';
import { countFrame, type RunningStream, type StreamStatus, streamStatus } from './running-stream.ts';
import { startProgram } from './start-program.ts';
import { type StepMeasures, StepMeter } from './step-meter.ts';
import type { StreamPacker } from './stream-packer.ts';
import { writeRows } from './write-rows.ts';

/** How a plan is run. */
export interface PlanRunOptions extends StepResources {
  /** Says which streams share a stream worker. */
  readonly packer: StreamPacker;
  /** Most items of one source that are unfinished, 1 or more. */
  readonly limit: number;
  /** Whether the time in each step is measured. */
  readonly isTimed: boolean;
}

/** What one pipeline does. */
export interface PipelineStatus {
  readonly pipeline: string;
  readonly state: 'waiting' | 'running' | 'completed' | 'removed' | 'failed';
  /** Rows that came out of its operators. */
  readonly rows: number;
  readonly error: unknown;
}

/** What one step did. */
export interface StepStatus extends StepMeasures {
  readonly step: string;
  /** What its stream worker took; null: it has none. */
  readonly program: CascadeStats | null;
  /** Calls whose answer came too late beside other copies' answers, and their time in ms. */
  readonly lost: { readonly calls: number; readonly wallMs: number };
}

interface RunningPipeline {
  readonly plan: PipelinePlan;
  readonly leave: AbortController;
  sinks: Sink<unknown>[];
  /** Reads a topic, and has its sinks; null: the sources are others. */
  kafka: KafkaPipeline | null;
  state: PipelineStatus['state'];
  rows: number;
  error: unknown;
}

/** Runs the pipelines of one plan: streams in, rows to the sinks. */
export class PlanRun {
  readonly #plan: StreamsPlan;
  readonly #options: PlanRunOptions;
  readonly #streams = new Map<PlanStep, RunningStream>();
  readonly #pipelines: RunningPipeline[];
  readonly #meters = new Map<PlanStep, StepMeter>();
  readonly #observables = new Map<PlanStep, Observable<unknown>>();
  readonly #programs = new Map<PlanStep, Pick<CascadeRun, 'stats'>>();
  /** How many take from each step. */
  readonly #takers = new Map<PlanStep, number>();
  /** Streams that several programs decode together. */
  readonly #hosted = new Map<string, HostedStream | null>();
  #bound: BoundSteps | null = null;

  /** Starts nothing yet. */
  constructor(plan: StreamsPlan, options: PlanRunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#pipelines = plan.pipelines.map(one => ({
      plan: one,
      leave: new AbortController(),
      sinks: [],
      kafka: null,
      state: 'waiting',
      rows: 0,
      error: null,
    }));
    const steps = stepsOf(plan);
    const taken = [...steps.flatMap(({ inputs }) => inputs), ...plan.pipelines.map(({ end }) => end)];
    for (const step of taken) this.#takers.set(step, (this.#takers.get(step) ?? 0) + 1);
  }

  /** Names of its pipelines. */
  get names(): string[] {
    return this.#pipelines.map(({ plan }) => plan.name);
  }

  /** The plan that runs. */
  get plan(): StreamsPlan {
    return this.#plan;
  }

  /**
   * Starts the models and opens the sinks.
   * @throws what hinders it; sinks that were opened are closed then.
   */
  async prepare(): Promise<void> {
    const opening = this.#pipelines.map(async running => {
      if (topicOf(running.plan) !== null) return;
      for (const sink of running.plan.sinks) running.sinks.push(await sink.open());
    });
    const [bound, ...opened] = await Promise.allSettled([
      BoundSteps.bind(stepsOf(this.#plan), this.#options),
      ...opening,
    ]);
    const failed = [bound, ...opened].find(one => one.status === 'rejected');
    if (failed !== undefined) {
      await this.#closeSinks();
      throw failed.reason;
    }
    if (bound.status === 'fulfilled') this.#bound = bound.value;
    try {
      await Promise.all(this.#pipelines.map(running => this.#openKafka(running)));
    } catch (error) {
      await this.#closeSinks();
      throw error;
    }
  }

  /** Runs until all streams have ended or all pipelines have left; what failed is in the status. */
  async run(): Promise<void> {
    try {
      await Promise.all(this.#pipelines.map(running => this.#runPipeline(running)));
    } finally {
      await this.#closeSinks();
    }
  }

  /**
   * The rows that one item makes in the only pipeline of the plan, as its sinks would get them.
   * @param signal - Gives it up: the promise rejects with its reason.
   */
  async answer(item: FrameItem, signal?: AbortSignal): Promise<unknown[]> {
    const [running] = this.#pipelines;
    if (running === undefined) return [];
    const rows: unknown[] = [];
    // Without a gate: there is no other item that could be held back.
    const source = of(item);
    const observables = new Map(
      stepsOf(this.#plan).flatMap(step =>
        step.work.kind === 'source' ? [[step, this.#meterOf(step).out<unknown>(source)]] : [],
      ),
    );
    await new Promise<void>((resolve, reject) => {
      const subscription = this.#observable(running.plan.end, observables).subscribe({
        next: row => rows.push(row),
        error: reject,
        complete: resolve,
      });
      const giveUp = (): void => {
        subscription.unsubscribe();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp);
      subscription.add(() => signal?.removeEventListener('abort', giveUp));
    });
    running.rows += rows.length;
    for (const sink of running.sinks) {
      await sink.write(rows);
      await sink.flush();
    }
    return rows;
  }

  /** Ends all streams; what is under way is finished. */
  stop(): void {
    for (const { stop } of this.#streams.values()) stop.next();
  }

  /** Ends one stream; what is under way is finished. */
  end(stream: string): void {
    for (const running of this.#streams.values()) if (running.stream === stream) running.stop.next();
  }

  /** Ends one pipeline; the others go on. What it was given is still written. */
  remove(name: string): void {
    const running = this.#pipelines.find(({ plan }) => plan.name === name);
    if (running === undefined) return;
    if (running.state === 'running' || running.state === 'waiting') running.state = 'removed';
    running.leave.abort();
  }

  /** Lets no more frames of a stream in, or lets them in again. */
  pause(stream: string, isPaused: boolean): void {
    for (const running of this.#streams.values()) {
      if (running.stream !== stream || (running.state !== 'running' && running.state !== 'paused')) continue;
      running.state = isPaused ? 'paused' : 'running';
      if (isPaused) running.gate.pause();
      else running.gate.resume();
    }
  }

  /** What everything does now. */
  status(): { streams: StreamStatus[]; pipelines: PipelineStatus[]; steps: StepStatus[] } {
    return {
      streams: [...this.#streams.values()].map(streamStatus),
      pipelines: this.#pipelines.map(({ plan, state, rows, error }) => ({ pipeline: plan.name, state, rows, error })),
      steps: stepsOf(this.#plan).map(step => {
        const { calls = 0, wallMs = 0 } = this.#bound?.lost(step) ?? {};
        const { measures } = this.#meterOf(step);
        return {
          step: step.id,
          ...measures,
          program: this.#programs.get(step)?.stats() ?? null,
          lost: { calls, wallMs },
        };
      }),
    };
  }

  #meterOf(step: PlanStep): StepMeter {
    const known = this.#meters.get(step);
    if (known !== undefined) return known;
    const { id, work, inputs } = step;
    const meter = new StepMeter(id, {
      isTimed: this.#options.isTimed,
      // A function gives nothing for settled frames, so its rows do not say what waits.
      keeps: work.kind === 'ask' || work.kind === 'specialized',
      inputs: work.kind === 'program' ? [] : inputs.map(input => this.#meterOf(input)),
    });
    this.#meters.set(step, meter);
    return meter;
  }

  async #runPipeline(running: RunningPipeline): Promise<void> {
    if (running.state === 'removed') return;
    running.state = 'running';
    if (running.kafka !== null) return this.#runKafka(running, running.kafka);
    const counted = new Observable<unknown>(subscriber =>
      this.#observable(running.plan.end, this.#observables).subscribe({
        next: row => {
          running.rows++;
          subscriber.next(row);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    const sinks: readonly Sink<unknown>[] = running.sinks.length > 0 ? running.sinks : [nowhere];
    const rows = sinks.length > 1 ? counted.pipe(share()) : counted;
    const { signal } = running.leave;
    try {
      const writing = sinks.map(sink => writeRows(rows, sink, signal));
      for (const one of writing) one.catch(() => running.leave.abort());
      await Promise.all(writing);
      const streams = this.#streamsOf(running.plan.end);
      const [first] = streams;
      if (running.state !== 'running') return;
      const isDead = first !== undefined && streams.every(({ state }) => state === 'failed');
      running.state = isDead ? 'failed' : 'completed';
      running.error = isDead ? first.error : null;
    } catch (error) {
      running.state = 'failed';
      running.error = error;
    }
  }

  async #openKafka(running: RunningPipeline): Promise<void> {
    const { plan } = running;
    const step = topicOf(plan);
    if (step?.work.kind !== 'source' || step.work.source.kind !== 'kafka' || this.#bound === null) return;
    const { source, every } = step.work;
    const stream = this.#runningStream(step, source.stream);
    const steps = stepsOf({ pipelines: [plan] });
    const bound = this.#bound;
    const { images } = this.#options;
    const needs = pictureNeeds(this.#plan, step, { canDecodeAgain: true });
    running.kafka = await KafkaPipeline.open({
      source,
      every,
      needs,
      decodesAgain: needs.length < pictureNeeds(this.#plan, step).length,
      images,
      gate: stream.gate,
      states: new Map(steps.map(one => [one.id, bound.state(one)])),
      steps: steps.map(one => `${one.id} ${describeStep(one)}`),
      operators: frames => {
        const counted = new Observable<FrameItem>(subscriber =>
          frames.subscribe({
            next: item => {
              countFrame(stream, item);
              subscriber.next(item);
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          }),
        );
        return this.#observable(
          plan.end,
          new Map<PlanStep, Observable<unknown>>([[step, this.#meterOf(step).out(counted)]]),
        );
      },
      sinks: plan.sinks,
    });
    stream.kafka = running.kafka;
  }

  async #runKafka(running: RunningPipeline, kafka: KafkaPipeline): Promise<void> {
    const [stream] = this.#streamsOf(running.plan.end);
    const stopping = new AbortController();
    stream?.stop.subscribe(() => {
      stopping.abort();
      stream.gate.resume();
    });
    const signal = AbortSignal.any([stopping.signal, running.leave.signal]);
    try {
      await kafka.run(signal, rows => {
        running.rows += rows;
      });
      if (stream !== undefined) stream.state = 'ended';
      if (running.state === 'running') running.state = 'completed';
    } catch (error) {
      if (stream !== undefined) Object.assign(stream, { state: 'failed', error });
      running.state = 'failed';
      running.error = error;
    }
    if (stream !== undefined) stream.endedMs = machineMs();
  }

  #streamsOf(end: PlanStep): RunningStream[] {
    const plan = { pipelines: [{ name: '', end, sinks: [] }] };
    return stepsOf(plan).flatMap(step => this.#streams.get(step) ?? []);
  }

  /** What comes out of a step; those that several take from are subscribed to once, at a fifth of a µs an item. */
  #observable(step: PlanStep, known: Map<PlanStep, Observable<unknown>>): Observable<unknown> {
    const isShared = (this.#takers.get(step) ?? 0) > 1;
    const built = known.get(step) ?? (isShared ? this.#build(step, known).pipe(share()) : this.#build(step, known));
    known.set(step, built);
    return built;
  }

  #build(step: PlanStep, known: Map<PlanStep, Observable<unknown>>): Observable<unknown> {
    const meter = this.#meterOf(step);
    const { kind } = step.work;
    if (kind === 'source' || kind === 'program') return meter.out(this.#stream(step));
    const inputs = step.inputs.map(input => this.#observable(input, known));
    if (kind === 'merge') return meter.out(merge(...inputs));
    const [input = EMPTY] = inputs;
    return meter.around(this.#bound?.operator(step) ?? (() => EMPTY))(input as Observable<never>);
  }

  /** A stream behind its gate; one that fails ends by itself and takes no other along. */
  #stream(step: PlanStep): Observable<unknown> {
    const { work } = step;
    if (work.kind !== 'source' && work.kind !== 'program') return EMPTY;
    const running = this.#runningStream(step, work.source.stream);
    const read = (signal: AbortSignal): AsyncIterable<readonly (FrameItem | Decision)[]> => {
      if (work.kind === 'program') return this.#readProgram(step, running, signal);
      const needs = pictureNeeds(this.#plan, step);
      const onLive = (gate: Pick<LiveGate<unknown>, 'dropped'>): void => {
        running.live = gate;
      };
      const onReader = (reader: FrameReader | CameraReader): void => {
        running.worker = {
          get pids() {
            return reader.pid === undefined ? [] : [reader.pid];
          },
          get playedSinceMs() {
            return reader.playedSinceMs;
          },
          get camera() {
            return 'camera' in reader ? reader.camera : null;
          },
        };
      };
      const { images } = this.#options;
      return readSource(work.source, { needs, every: work.every, images, onLive, onReader }, signal);
    };
    return new Observable<unknown>(subscriber =>
      gatedSource(read, running.gate)
        .pipe(takeUntil(running.stop))
        .subscribe({
          next: item => {
            countFrame(running, item);
            subscriber.next(item);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            running.state = 'ended';
            running.endedMs = machineMs();
            subscriber.complete();
          },
        }),
    ).pipe(
      catchError((error: unknown) => {
        running.state = 'failed';
        running.error = error;
        running.endedMs = machineMs();
        return EMPTY;
      }),
    );
  }

  #runningStream(step: PlanStep, stream: string): RunningStream {
    const running: RunningStream = {
      stream,
      gate: new CreditGate(this.#options.limit),
      stop: new Subject(),
      state: 'running',
      frames: 0,
      error: null,
      live: null,
      worker: null,
      dropped: { stale: 0, superseded: 0, full: 0 },
      firstUs: null,
      lastUs: 0,
      endedMs: null,
      kafka: null,
    };
    this.#streams.set(step, running);
    return running;
  }

  async *#readProgram(
    step: PlanStep,
    running: RunningStream,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Decision[]> {
    if (step.work.kind !== 'program' || this.#bound === null) return;
    using member = this.#place(step.work)?.join();
    await using run = await startProgram(step.work, { ask: this.#bound.ask(step), launcher: member?.launcher });
    this.#programs.set(step, run);
    const isPlayed = isLive(step.work.source);
    running.worker = {
      get pids() {
        return run.pids.streamWorkers;
      },
      get playedSinceMs() {
        return isPlayed && 'playedSinceMs' in run ? run.playedSinceMs : null;
      },
      get camera() {
        return 'counts' in run ? { status: run.status, counts: run.counts } : null;
      },
    };
    yield* run.decisions({ signal });
  }

  /** The place of a program's stream in a shared stream worker; null: it has workers of its own. */
  #place({ decodeGroup, source }: ProgramStep): HostedStream | null {
    const { packer } = this.#options;
    // A camera waits on a thread of its process, and takes a process that hangs along.
    if (source.kind === 'camera') return null;
    if (decodeGroup === null) return source.kind === 'file' && source.workers > 1 ? null : packer.place(1);
    const readers = stepsOf(this.#plan).filter(
      ({ work }) => work.kind === 'program' && work.decodeGroup === decodeGroup,
    );
    const hosted = this.#hosted.get(decodeGroup) ?? packer.place(readers.length);
    this.#hosted.set(decodeGroup, hosted);
    return hosted;
  }

  async #closeSinks(): Promise<void> {
    const closing = this.#pipelines.flatMap(({ sinks }) => sinks.splice(0));
    const topics = this.#pipelines.flatMap(({ kafka }) => kafka ?? []);
    await Promise.allSettled([...closing, ...topics].map(sink => sink[Symbol.asyncDispose]()));
  }
}

/** The step that reads a topic of Kafka for a pipeline; null: there is none. */
function topicOf(plan: PipelinePlan): PlanStep | null {
  const steps = stepsOf({ pipelines: [plan] });
  return steps.find(({ work }) => work.kind === 'source' && work.source.kind === 'kafka') ?? null;
}

/** The sink of a pipeline that has none: its rows are counted. */
const nowhere: Sink<unknown> = {
  delivery: 'at-most-once',
  write: () => Promise.resolve(),
  flush: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
