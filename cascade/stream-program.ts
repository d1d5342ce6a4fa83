import {
  type ArrivedFrames,
  CameraPace,
  type Footage,
  type Frame,
  type FrameIndex,
  type FrameRange,
  type GroupOfPictures,
  machineMs,
  type PaceOptions,
} from '../ingest/index.ts';
import { EarlierPictures } from './earlier-pictures.ts';
import { endsLook, groupsPerLook } from './group-batches.ts';
import { type Ask, LookBatch } from './look-batch.ts';
import type { SkipRule } from './plan.ts';
import { residentMemory } from './resident-memory.ts';
import {
  creditsOf,
  type FromStreamWorker,
  looksPerChunk,
  mostTogetherMs,
  type ToStreamWorker,
  type WorkerVitals,
} from './stream-protocol.ts';
import type { StreamStages } from './stream-stages.ts';

/** Compressed packets that a worker holds before it waits for answers, in bytes: four minutes at 2 Mbit/s. */
const mostHeldBytes = 64 * 2 ** 20;

/** Longest silence while working in ms; well below the supervisor's 30 s. */
const aliveIntervalMs = 1000;

/** What the program takes from the main process once it runs. */
type ControlMessage = Exclude<ToStreamWorker, { type: 'open' }>;

/**
 * The part of a cascade that runs next to the decoder: skip, difference detector, specialized model. It looks at ranges as
 * told, sends what it saw and the uncertain frames' pixels, and stops while too much is unanswered.
 */
export class StreamProgram {
  readonly #footage: Footage;
  readonly #stages: StreamStages;
  readonly #skip: SkipRule;
  readonly #send: (message: FromStreamWorker) => void;
  readonly #groups = new Map<FrameIndex, HeldGroup>();
  readonly #refine: FrameIndex[] = [];
  // Where the last range ended and what later frames may be compared with there.
  #earlier: EarlierPictures;
  #position: FrameIndex = 0;
  #range: RangeToLookAt | null = null;
  #credits: number;
  #decodeMs = 0;
  #wake: (() => void) | null = null;
  #ended = false;
  #sentMs = 0;
  #heldBytes = 0;

  /** Owns nothing of what it is given: the caller disposes of footage and stages. */
  constructor(footage: Footage, stages: StreamStages, skip: SkipRule, send: (message: FromStreamWorker) => void) {
    this.#footage = footage;
    this.#stages = stages;
    this.#skip = skip;
    this.#send = send;
    this.#earlier = this.#noPictures();
    this.#credits = creditsOf[skip.kind];
  }

  /** Takes a message from the main process; acted on between two chunks. */
  receive(message: ControlMessage): void {
    switch (message.type) {
      case 'look':
        this.#range = { range: message.range, known: new Set(message.known), pace: message.pace };
        break;
      case 'credit':
        this.#credits++;
        break;
      case 'resolve':
        this.#credits++;
        if (message.refine) this.#refine.push(message.keyframe);
        else this.#release(message.keyframe);
        break;
    }
    this.#wake?.();
  }

  /** Ends {@link run} after the chunk under way. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Works until {@link end}. */
  async run(): Promise<void> {
    try {
      while (!this.#ended) {
        if (this.#refine.length > 0) await this.#refineNext();
        else if (this.#range !== null) await this.#lookAtRange();
        else await this.#changed();
      }
    } finally {
      for (const keyframe of [...this.#groups.keys()]) this.#release(keyframe);
    }
  }

  async #lookAtRange(): Promise<void> {
    const work = this.#range;
    if (work === null) return;
    this.#range = null;
    if (this.#skip.kind === 'every') await this.#lookAtEvery(this.#skip.tSkip, work);
    else await this.#lookAtKeyframes(work.range);
    this.#post({ type: 'range-done', range: work.range, vitals: this.#vitals() });
  }

  async #lookAtEvery(tSkip: number, { range, known, pace }: RangeToLookAt): Promise<void> {
    await this.#warmUp(range.from, from => {
      const wanted = (index: FrameIndex): boolean => index % tSkip === 0;
      return this.#footage.frames({ from: Math.max(0, from - tSkip + 1), to: range.from }, wanted);
    });
    const wanted = (index: FrameIndex): boolean => index % tSkip === 0 && !known.has(index);
    const span = looksPerChunk * tSkip;
    if (pace !== null) await this.#lookAsTheyArrive(range, { ...pace, wanted });
    else {
      const frames = this.#timed(this.#footage.frames(range, wanted));
      await this.#lookAtChunks(frames, range, { span, wanted, earlier: this.#earlier });
    }
    this.#position = range.to;
  }

  /** Looks at what a camera has sent, as often as there is a credit. */
  async #lookAsTheyArrive(
    range: FrameRange,
    { wanted, ...pace }: PaceOptions & Pick<LookOptions, 'wanted'>,
  ): Promise<void> {
    const { table } = this.#footage;
    const { mode = 'auto', stalenessMs = 500 } = pace.live;
    const togetherMs = mode === 'freshest' ? 0 : Math.min(mostTogetherMs, stalenessMs / 2);
    const camera = new CameraPace({ ...pace, table, range, wanted, togetherMs }, { nowMs: machineMs });
    while (!camera.isOver && !this.#ended) {
      const { waitMs } = camera;
      if (this.#credits <= 0) await this.#changed();
      else if (waitMs > 0) await this.#changedWithin(Math.min(Math.ceil(waitMs), aliveIntervalMs));
      else await this.#lookAtArrived(camera.take(looksPerChunk));
      this.#showLife();
    }
  }

  async #lookAtArrived({ range, served, dropped, decode }: ArrivedFrames): Promise<void> {
    using batch = new LookBatch(this.#stages, this.#earlier, this.#ask);
    for (const [frame, reason] of dropped) batch.addDropped(frame, reason);
    const missing = new Set(served);
    if (decode !== null) {
      for await (const frame of this.#timed(this.#footage.frames(decode, index => missing.has(index)))) {
        missing.delete(frame.index);
        batch.add(frame);
      }
    }
    for (const frame of missing) batch.addLost(frame);
    this.#earlier.forgetBefore(range.to);
    this.#credits--;
    this.#post({ type: 'looked', range, looks: await batch.finish(), vitals: this.#vitals() });
    await turn();
  }

  async #lookAtKeyframes(range: FrameRange): Promise<void> {
    const { keyframes } = this.#footage.table;
    await this.#warmUp(range.from, from => {
      const first = keyframes.findLast(keyframe => keyframe <= from) ?? range.from;
      return keyframesOf(this.#footage.groups({ from: first, to: range.from }));
    });
    let looked: GroupOfPictures[] = [];
    for await (const group of this.#timed(this.#footage.groups(range))) {
      this.#groups.set(group.range.from, { group, earlier: this.#earlier });
      this.#heldBytes += group.heldBytes;
      looked.push(group);
      if (group.range.to < range.to && !endsLook(this.#footage.table, group.range.from)) continue;
      await this.#lookAtGroups(looked);
      looked = [];
      while (this.#refine.length > 0) await this.#refineNext();
      while (this.#credits < groupsPerLook && !this.#ended) await this.#changed();
      // The last group waits for the keyframe that is read next; all others for answers that are on their way.
      while (this.#heldBytes > mostHeldBytes && this.#groups.size > 1 && !this.#ended) {
        if (this.#refine.length > 0) await this.#refineNext();
        else await this.#changed();
      }
      if (this.#ended) break;
    }
    this.#position = range.to;
  }

  /**
   * Collects the pictures that the first frames of a range are compared with, unless the range goes on from the last one.
   * @param read - Frames looked at from the given index on, up to the start of the range.
   */
  async #warmUp(rangeStart: FrameIndex, read: (from: FrameIndex) => AsyncIterable<Frame>): Promise<void> {
    const { difference } = this.#stages;
    const tDiffFrames = difference?.tDiffFrames ?? null;
    if (difference === null || tDiffFrames === null || this.#position === rangeStart) return;
    this.#earlier = this.#noPictures();
    for await (const frame of this.#timed(read(Math.max(0, rangeStart - tDiffFrames)))) {
      using owned = frame;
      this.#earlier.add(owned.index, this.#stages.scale(owned, difference.request));
    }
  }

  /** Looks at the keyframes of a few groups together, and reports each group. */
  async #lookAtGroups(groups: readonly GroupOfPictures[]): Promise<void> {
    using batch = new LookBatch(this.#stages, this.#earlier, this.#ask);
    for (const { range, keyframe, exactKeyframe } of groups) {
      if (keyframe === undefined) batch.addLost(range.from);
      else batch.add(keyframe, exactKeyframe);
    }
    const looks = await batch.finish();
    this.#credits -= groups.length;
    this.#post({ type: 'groups', ranges: groups.map(({ range }) => range), looks, vitals: this.#vitals() });
    await turn();
  }

  /** Decodes the next group whose two ends disagree, and looks at every frame inside. */
  async #refineNext(): Promise<void> {
    const keyframe = this.#refine.shift();
    const held = keyframe === undefined ? undefined : this.#groups.get(keyframe);
    if (held === undefined) return;
    const { group } = held;
    const inside = { from: group.range.from + 1, to: group.range.to };
    const frames = this.#timed(group.frames());
    const earlier = this.#noPictures(held.earlier);
    await this.#lookAtChunks(frames, inside, { span: looksPerChunk, wanted: () => true, earlier });
    this.#release(group.range.from);
  }

  /** Looks at the wanted frames of a range, `span` frames of footage at a time, each with a credit and a message. */
  async #lookAtChunks(
    frames: AsyncIterableIterator<Frame>,
    range: FrameRange,
    { span, wanted, earlier }: LookOptions,
  ): Promise<void> {
    let next = await frames.next();
    try {
      for (let from = range.from; from < range.to; from += span) {
        await this.#credit();
        if (this.#ended) return;
        const chunk = { from, to: Math.min(from + span, range.to) };
        using batch = new LookBatch(this.#stages, earlier, this.#ask);
        for (let index = chunk.from; index < chunk.to; index++) {
          if (!wanted(index)) continue;
          if (next.done || next.value.index !== index) {
            batch.addLost(index);
            continue;
          }
          batch.add(next.value);
          this.#showLife();
          next = await frames.next();
        }
        earlier.forgetBefore(chunk.to);
        this.#credits--;
        this.#post({ type: 'looked', range: chunk, looks: await batch.finish(), vitals: this.#vitals() });
        await turn();
      }
    } finally {
      if (!next.done) next.value[Symbol.dispose]();
      await frames.return?.();
    }
  }

  readonly #ask: Ask = (frame, picture) => this.#post({ type: 'ask', frame, picture });

  #noPictures(parent: EarlierPictures | null = null): EarlierPictures {
    return new EarlierPictures(this.#stages.difference?.tDiffFrames ?? null, parent);
  }

  #release(keyframe: FrameIndex): void {
    const held = this.#groups.get(keyframe);
    if (held === undefined) return;
    this.#groups.delete(keyframe);
    this.#heldBytes -= held.group.heldBytes;
    held.group[Symbol.dispose]();
    // The frames inside the oldest group still held are compared with pictures from before it.
    const oldest = [...this.#groups.values()].find(({ earlier }) => earlier === held.earlier);
    held.earlier.forgetBefore(oldest?.group.range.from ?? keyframe);
  }

  /** A chunk of a large and sparse range may take longer than the supervisor's patience. */
  #showLife(): void {
    if (performance.now() - this.#sentMs > aliveIntervalMs) this.#post({ type: 'alive', vitals: this.#vitals() });
  }

  #post(message: FromStreamWorker): void {
    this.#sentMs = performance.now();
    this.#send(message);
  }

  /** Waits until a chunk or group may go unanswered. */
  async #credit(): Promise<void> {
    while (this.#credits <= 0 && !this.#ended) await this.#changed();
  }

  #changed(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  /** As {@link #changed}, but not for long. */
  async #changedWithin(waitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#wake?.(), waitMs);
    await this.#changed();
    clearTimeout(timer);
  }

  #vitals(): WorkerVitals {
    return {
      times: { decodeMs: this.#decodeMs, ...this.#stages.times },
      damage: this.#footage.damage,
      rssBytes: residentMemory(),
    };
  }

  /** The same sequence, with the time that each step takes counted as decoding. */
  #timed<Item>(items: AsyncIterable<Item>): AsyncIterableIterator<Item> {
    const iterator = items[Symbol.asyncIterator]();
    return {
      next: async () => {
        const started = performance.now();
        const result = await iterator.next();
        this.#decodeMs += performance.now() - started;
        return result;
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

interface HeldGroup {
  readonly group: GroupOfPictures;
  /** The keyframes' pictures of the range that the group belongs to. */
  readonly earlier: EarlierPictures;
}

interface RangeToLookAt {
  readonly range: FrameRange;
  /** Not looked at: their answers are known. */
  readonly known: ReadonlySet<FrameIndex>;
  readonly pace: PaceOptions | null;
}

interface LookOptions {
  /** Frames of footage that a chunk covers. */
  readonly span: number;
  readonly wanted: (index: FrameIndex) => boolean;
  readonly earlier: EarlierPictures;
}

async function* keyframesOf(groups: AsyncIterable<GroupOfPictures>): AsyncIterable<Frame> {
  for await (const group of groups) {
    using owned = group;
    if (owned.keyframe !== undefined) yield owned.keyframe;
  }
}

/** Lets messages in: decoding and inference block the event loop. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
