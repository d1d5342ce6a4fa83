import { checkGroupRange, checkRange } from '../check-range.ts';
import { ingestErrors } from '../errors.ts';
import type { Damage, Footage, FootageInfo, FrameRange, FrameTable, GroupOfPictures } from '../footage.ts';
import type { Frame, FrameIndex, PixelRequest } from '../frame.ts';
import { keyframeAtOrBefore, type PacketTable } from '../packet-table.ts';
import { DecodingRun, type RunDamage } from './decoding-run.ts';
import { FfmpegFrame, scaledRequest } from './ffmpeg-frame.ts';
import { FfmpegGroup } from './ffmpeg-group.ts';

/** Sent through ffmpeg when no pixels are asked for: the frames must come out in some shape. */
const NO_PIXELS: PixelRequest = { width: 16, height: 16, format: 'gray' };

/** What an `FfmpegFootage` is made of. */
export interface FfmpegFootageOptions {
  readonly info: FootageInfo;
  readonly table: PacketTable;
  readonly streamId: string;
  /** Full path of ffmpeg. */
  readonly program: string;
  /** Version of ffmpeg, such as 5.1. */
  readonly version: number;
  /** Decoder threads, 1–16. */
  readonly threads: number;
  /** Picture sizes declared. */
  readonly requests: readonly PixelRequest[];
}

/** Footage decoded by the user's own ffmpeg, one process a pass over the file. */
export class FfmpegFootage implements Footage {
  readonly info: FootageInfo;
  readonly #options: FfmpegFootageOptions;
  readonly #damage: RunDamage = { refusedPackets: 0, concealedFrames: 0 };
  /** Each frame's time is known and differs from the one before: then a run may start anywhere. */
  readonly #isSeekable: boolean;
  /** FFmpeg shuffles and drops keyframes that are decoded alone where groups are open (H.264, FFmpeg 5.1). */
  readonly #hasLeadingPictures: boolean;
  readonly #runs = new Set<FrameRun>();
  #sequential: FrameRun | undefined;
  #isClosed = false;

  constructor(options: FfmpegFootageOptions) {
    this.info = options.info;
    this.#options = options;
    const { ticks, keyOrdinals, leadingEnds } = options.table;
    this.#hasLeadingPictures = leadingEnds.some((end, at) => end > (keyOrdinals[at] ?? 0) + 1);
    this.#isSeekable = ticks.every((tick, at) => at === 0 || tick > (ticks[at - 1] ?? tick));
  }

  get table(): FrameTable {
    return this.#options.table.frames;
  }

  get damage(): Damage {
    return { ...this.#damage };
  }

  frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncIterable<Frame> {
    this.#check();
    checkRange(this.table, range);
    return this.#frames(range, wanted);
  }

  groups(range: FrameRange): AsyncIterable<GroupOfPictures> {
    this.#check();
    checkGroupRange(this.table, range);
    return this.#groups(range);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const run of this.#runs) this.#end(run);
  }

  async *#frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncGenerator<Frame, void> {
    let from = range.from;
    let run: FrameRun | undefined;
    while (from < range.to) {
      this.#check();
      // Another reader may have taken the run elsewhere meanwhile.
      if (run === undefined || run !== this.#sequential) run = this.#runAt(from);
      const frame = await run.nextBefore(range.to);
      if (frame === undefined) return;
      if (frame.index < from) continue;
      from = frame.index + 1;
      if (wanted(frame.index)) yield frame;
    }
  }

  async *#groups(range: FrameRange): AsyncGenerator<GroupOfPictures, void> {
    const { keyframes, timestampsUs } = this.table;
    if (range.from === range.to) return;
    const run = this.#start(range.from, !this.#hasLeadingPictures);
    try {
      for (let at = keyframeAtOrBefore(this.table, range.from); at < keyframes.length; at++) {
        const from = keyframes[at] ?? 0;
        const to = keyframes[at + 1] ?? timestampsUs.length;
        if (from >= range.to) return;
        this.#check();
        const keyframe = await this.#keyframe(at, run, { from, to });
        yield new FfmpegGroup({ from, to }, keyframe, () => this.#inside(from + 1, to));
      }
    } finally {
      this.#end(run);
    }
  }

  async #keyframe(at: number, run: FrameRun, { from, to }: FrameRange): Promise<Frame | undefined> {
    const { indexOf, keyOrdinals } = this.#options.table;
    if (indexOf[keyOrdinals[at] ?? 0] !== from) {
      // The keyframe itself is not shown, since an edit list starts after it.
      for await (const frame of this.#inside(from, from + 1)) return frame;
      return undefined;
    }
    for (;;) {
      const frame = await run.nextBefore(to);
      if (frame === undefined || frame.index === from) return frame;
    }
  }

  async *#inside(from: FrameIndex, to: FrameIndex): AsyncGenerator<Frame, void> {
    if (from >= to) return;
    this.#check();
    const run = this.#start(from, false);
    try {
      for (;;) {
        const frame = await run.nextBefore(to);
        if (frame === undefined) return;
        if (frame.index >= from) yield frame;
      }
    } finally {
      this.#end(run);
    }
  }

  /** The run that decodes in order, started anew unless it is on its way to this frame. */
  #runAt(from: FrameIndex): FrameRun {
    const current = this.#sequential;
    const key = this.table.keyframes[keyframeAtOrBefore(this.table, from)] ?? 0;
    if (current !== undefined && current.expected <= from && (key <= current.expected || !this.#isSeekable)) {
      return current;
    }
    if (current !== undefined) this.#end(current);
    this.#sequential = this.#start(from, false);
    return this.#sequential;
  }

  #start(from: FrameIndex, keyframesOnly: boolean): FrameRun {
    const { table, program, version, threads, requests, info, streamId } = this.#options;
    const asked = requests.length === 0 ? [NO_PIXELS] : requests;
    const key = keyframeAtOrBefore(this.table, from);
    // Transport streams are searched by decode time: the presentation time would lead past the keyframe.
    const seekUs = table.keyDecodeTimesUs[key] ?? 0;
    const run = new DecodingRun(
      program,
      {
        path: info.path,
        keyframesOnly,
        threads,
        version,
        requests: asked.map(request => scaledRequest(request, info.rotationDegrees)),
        ...(key > 0 && this.#isSeekable ? { seekSeconds: seekUs / 1e6 } : {}),
      },
      this.#damage,
    );
    const frameRun = new FrameRun(run, table, keyframesOnly, (index, pixels) => {
      const facts = { ...info, streamId, index, timestampUs: this.table.timestampsUs[index] ?? 0, requests };
      return new FfmpegFrame(facts, pixels);
    });
    this.#runs.add(frameRun);
    return frameRun;
  }

  #end(run: FrameRun): void {
    run[Symbol.dispose]();
    this.#runs.delete(run);
    if (this.#sequential === run) this.#sequential = undefined;
  }

  #check(): void {
    if (this.#isClosed) throw ingestErrors.create('INGEST_FOOTAGE_CLOSED', { path: this.info.path });
  }
}

/** A run whose frames know their index. */
class FrameRun implements Disposable {
  readonly #run: DecodingRun;
  readonly #table: PacketTable;
  readonly #keyframesOnly: boolean;
  readonly #make: (index: FrameIndex, pixels: readonly Uint8Array[]) => FfmpegFrame;
  #pending: FfmpegFrame | undefined;
  #isFirst = true;
  /** Index after the last frame that came out; a frame asked for may be this one or a later one. */
  expected = 0;

  constructor(
    run: DecodingRun,
    table: PacketTable,
    keyframesOnly: boolean,
    make: (index: FrameIndex, pixels: readonly Uint8Array[]) => FfmpegFrame,
  ) {
    this.#run = run;
    this.#table = table;
    this.#keyframesOnly = keyframesOnly;
    this.#make = make;
  }

  /** The next frame if its index is below a limit; a later one is kept. */
  async nextBefore(limit: FrameIndex): Promise<FfmpegFrame | undefined> {
    const frame = this.#pending ?? (await this.#next());
    this.#pending = frame;
    if (frame === undefined || frame.index >= limit) return undefined;
    this.#pending = undefined;
    return frame;
  }

  [Symbol.dispose](): void {
    this.#run[Symbol.dispose]();
  }

  async #next(): Promise<FfmpegFrame | undefined> {
    for (;;) {
      const decoded = await this.#run.next();
      if (decoded === undefined) return undefined;
      const index = this.#indexOf(decoded.ticks);
      // A damaged stream may give out pictures in the wrong order; those that come too late are left out.
      if (index < 0) continue;
      this.#isFirst = false;
      this.expected = index + 1;
      return this.#make(index, decoded.pixels);
    }
  }

  /** The frame of this time at or after the expected one; where times say nothing, frames count up. */
  #indexOf(ticks: number): FrameIndex | -1 {
    const { ticks: all, frames, countsEmissions } = this.#table;
    const candidates = this.#keyframesOnly ? frames.keyframes : undefined;
    const from = candidates === undefined ? this.expected : keyframeAtOrBefore(frames, this.expected - 1) + 1;
    const count = candidates?.length ?? all.length;
    for (let at = from; at < count; at++) {
      const index = candidates?.[at] ?? at;
      const known = all[index] ?? Number.NaN;
      if (known === ticks) return index;
      if (at === from && (countsEmissions || Number.isNaN(known) || Number.isNaN(ticks))) return index;
      // Past its place, and not before what is known: the search would only run to the end.
      if (!this.#isFirst && known > ticks) return -1;
    }
    return -1;
  }
}
