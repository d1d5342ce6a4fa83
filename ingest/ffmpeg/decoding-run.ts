import { ingestErrors } from '../errors.ts';
import { ByteStream } from './byte-stream.ts';
import { type DecodingJob, decodingArguments } from './decoding-arguments.ts';
import { FfmpegProcess, type ProgramEnding } from './ffmpeg-process.ts';

/** Longest silence of ffmpeg while a frame is awaited in ms; a group of 4K pictures takes about a second. */
const LONGEST_SILENCE_MS = 30_000;

/** A decoded frame: its time and its pixels. */
export interface DecodedPixels {
  /** Presentation time in ticks of the stream's time base. */
  readonly ticks: number;
  /** Pixels of each request, in the order of the requests. */
  readonly pixels: readonly Uint8Array[];
}

/** What a run met and survived. */
export interface RunDamage {
  refusedPackets: number;
  concealedFrames: number;
}

/** One run of ffmpeg over a file; frames are pulled, and ffmpeg waits on full pipes until they are. */
export class DecodingRun implements Disposable {
  readonly #process: FfmpegProcess;
  readonly #job: DecodingJob;
  readonly #program: string;
  readonly #times: ByteStream;
  readonly #pictures: readonly ByteStream[];
  readonly #sizes: readonly number[];
  #hasFrames = false;
  #ending: ProgramEnding | undefined;
  #wake: () => void = () => undefined;

  /**
   * Starts ffmpeg.
   * @param program - Full path of ffmpeg.
   * @param damage - Counts up as ffmpeg complains.
   */
  constructor(program: string, job: DecodingJob, damage: RunDamage) {
    this.#program = program;
    this.#job = job;
    this.#process = new FfmpegProcess(program, decodingArguments(job), job.requests.length + 1, text => {
      damage.refusedPackets += count(text, /Error while decoding|Error submitting packet to decoder/g);
      damage.concealedFrames += count(text, /corrupt decoded frame/g);
    });
    const [first, times, ...others] = this.#process.outputs.map(output => new ByteStream(output));
    if (first === undefined || times === undefined) throw new Error('ffmpeg was started without its pipes');
    this.#times = times;
    this.#pictures = [first, ...others];
    this.#sizes = job.requests.map(({ width, height, format }) => width * height * (format === 'rgb' ? 3 : 1));
    for (const stream of [times, ...this.#pictures]) stream.onChange = () => this.#wake();
    void this.#process.ended.then(ending => {
      this.#ending = ending;
      this.#wake();
    });
  }

  /**
   * The next frame in presentation order; undefined at the end.
   * @throws INGEST_FFMPEG_FAILED - when ffmpeg fails before its first frame, or is silent for 30 s.
   */
  async next(): Promise<DecodedPixels | undefined> {
    // All pipes are read while any of them lacks a frame: ffmpeg fills them in an order of its own.
    const streams = [this.#times, ...this.#pictures];
    for (const stream of streams) stream.resume();
    try {
      while (!this.#isComplete()) {
        if (this.#ending !== undefined && streams.every(stream => stream.hasEnded)) return this.#end(this.#ending);
        await this.#change();
      }
    } finally {
      for (const stream of streams) stream.pause();
    }
    this.#hasFrames = true;
    const ticks = this.#takeTime() ?? Number.NaN;
    return {
      ticks,
      pixels: this.#pictures.map((stream, at) => stream.take(this.#sizes[at] ?? 0) ?? new Uint8Array(0)),
    };
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }

  #isComplete(): boolean {
    return this.#pictures.every((stream, at) => stream.available >= (this.#sizes[at] ?? 0)) && this.#hasTime();
  }

  #pendingTime: number | undefined;

  #hasTime(): boolean {
    while (this.#pendingTime === undefined) {
      const line = this.#times.takeLine();
      if (line === undefined) return false;
      const ticks = /^frame:\d+ +pts:(-?\d+|NOPTS)/.exec(line)?.[1];
      if (ticks !== undefined) this.#pendingTime = Number(ticks);
    }
    return true;
  }

  #takeTime(): number | undefined {
    const time = this.#pendingTime;
    this.#pendingTime = undefined;
    return time;
  }

  #end(ending: ProgramEnding): undefined {
    // Damage at the end also makes it fail: what came before it is worth keeping.
    if (ending.succeeded || this.#hasFrames) return undefined;
    throw this.#failure(ending.text);
  }

  async #change(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const isSilent = await new Promise<boolean>(resolve => {
      this.#wake = () => resolve(false);
      timer = setTimeout(() => resolve(true), LONGEST_SILENCE_MS);
    });
    clearTimeout(timer);
    if (!isSilent) return;
    this.#process.kill();
    throw this.#failure(`silence for ${LONGEST_SILENCE_MS} ms`);
  }

  #failure(ending: string): Error {
    return ingestErrors.create('INGEST_FFMPEG_FAILED', {
      program: this.#program,
      path: this.#job.path,
      ending,
      stderr: this.#process.errorText || '(nothing)',
    });
  }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
