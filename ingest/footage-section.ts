import { checkGroupRange, checkRange } from './check-range.ts';
import type { Damage, Footage, FootageInfo, FrameRange, FrameTable, GroupOfPictures } from './footage.ts';
import type { Frame, FrameIndex, PixelRequest } from './frame.ts';

/**
 * A range of footage as if it were footage of its own: its frames count from 0, and nothing outside is looked at, so ten
 * minutes of ten hours cost ten minutes. Media times stay those of the file.
 *
 * Decoding begins at the keyframe at or before the range; groups of pictures need a range that begins at a keyframe, and
 * the last group ends with the range.
 */
export class FootageSection implements Footage {
  readonly info: FootageInfo;
  readonly table: FrameTable;
  readonly #whole: Footage;
  readonly #range: FrameRange;

  /**
   * Takes over the footage.
   * @throws INGEST_RANGE_INVALID - when the range does not lie in it; the footage then stays the caller's.
   */
  constructor(whole: Footage, range: FrameRange) {
    checkRange(whole.table, range);
    this.#whole = whole;
    this.#range = range;
    this.table = tableOf(whole.table, range);
    this.info = { ...whole.info, durationUs: endUs(whole, range.to) - (this.table.timestampsUs[0] ?? 0) };
  }

  get damage(): Damage {
    return this.#whole.damage;
  }

  frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncIterable<Frame> {
    checkRange(this.table, range);
    const { from } = this.#range;
    return sectionFrames(
      this.#whole.frames(shifted(range, from), index => wanted(index - from)),
      this.#range,
    );
  }

  groups(range: FrameRange): AsyncIterable<GroupOfPictures> {
    checkGroupRange(this.table, range);
    return sectionGroups(this.#whole.groups(shifted(range, this.#range.from)), this.#range);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#whole[Symbol.asyncDispose]();
  }
}

function shifted({ from, to }: FrameRange, by: number): FrameRange {
  return { from: from + by, to: to + by };
}

function tableOf({ timestampsUs, keyframes }: FrameTable, { from, to }: FrameRange): FrameTable {
  return {
    timestampsUs: timestampsUs.slice(from, to),
    keyframes: keyframes.filter(index => index >= from && index < to).map(index => index - from),
  };
}

/** Media time at which the frame before `to` ends. */
function endUs({ info, table: { timestampsUs } }: Footage, to: FrameIndex): number {
  return timestampsUs[to] ?? (timestampsUs[0] ?? 0) + info.durationUs;
}

async function* sectionFrames(frames: AsyncIterable<Frame>, { from, to }: FrameRange): AsyncGenerator<Frame, void> {
  for await (const frame of frames) {
    if (frame.index < to) {
      yield new SectionFrame(frame, frame.index - from);
      continue;
    }
    frame[Symbol.dispose]();
    return;
  }
}

async function* sectionGroups(
  groups: AsyncIterable<GroupOfPictures>,
  section: FrameRange,
): AsyncGenerator<GroupOfPictures, void> {
  for await (const group of groups) yield new SectionGroup(group, section);
}

class SectionGroup implements GroupOfPictures {
  readonly range: FrameRange;
  readonly keyframe: Frame | undefined;
  readonly #whole: GroupOfPictures;
  readonly #section: FrameRange;

  constructor(whole: GroupOfPictures, section: FrameRange) {
    const { from, to } = section;
    this.range = { from: whole.range.from - from, to: Math.min(whole.range.to, to) - from };
    this.keyframe = whole.keyframe && new SectionFrame(whole.keyframe, this.range.from);
    this.#whole = whole;
    this.#section = section;
  }

  get heldBytes(): number {
    return this.#whole.heldBytes;
  }

  frames(): AsyncIterable<Frame> {
    return sectionFrames(this.#whole.frames(), this.#section);
  }

  [Symbol.dispose](): void {
    this.#whole[Symbol.dispose]();
  }
}

class SectionFrame implements Frame {
  readonly index: FrameIndex;
  readonly #whole: Frame;

  constructor(whole: Frame, index: FrameIndex) {
    this.#whole = whole;
    this.index = index;
  }

  get streamId(): string {
    return this.#whole.streamId;
  }

  get timestampUs(): number {
    return this.#whole.timestampUs;
  }

  get captureTimeMs(): number | undefined {
    return this.#whole.captureTimeMs;
  }

  get width(): number {
    return this.#whole.width;
  }

  get height(): number {
    return this.#whole.height;
  }

  get damaged(): boolean {
    return this.#whole.damaged;
  }

  pixels(request: PixelRequest): Uint8Array {
    return this.#whole.pixels(request);
  }

  [Symbol.dispose](): void {
    this.#whole[Symbol.dispose]();
  }
}
