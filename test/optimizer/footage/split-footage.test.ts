import { describe, expect, it } from 'vitest';
import {
  adjustToEvents,
  type FootageSource,
  type FootageSplit,
  type LabeledPart,
  labelPart,
  type Stretch,
  splitFootage,
  splitGapMs,
} from '../../../optimizer/index.ts';
import { seeded } from '../../cascade/random.ts';
import { madeUpLabels, madeUpSource } from './made-up-source.ts';

const partsOf = (split: FootageSplit): (readonly Stretch[])[] => [split.train, split.threshold, split.test];
const framesOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { range }) => sum + range.to - range.from, 0);

/** All frames of a part as numbers that ascend with time over all sources. */
function placesOf(stretches: readonly Stretch[]): number[] {
  return stretches.flatMap(({ source, range }) =>
    Array.from({ length: range.to - range.from }, (_, i) => source * 1e6 + range.from + i),
  );
}

/** What must hold of any split, told frame by frame. */
function expectSound(sources: readonly FootageSource[], split: FootageSplit, gapMs: number, step: number): void {
  const places = partsOf(split).flatMap(placesOf);
  expect(places.findIndex((place, i) => place <= (places[i - 1] ?? -1))).toBe(-1);
  for (const { source, range } of partsOf(split).flat()) {
    const whole = sources[source]?.range ?? { from: 0, to: 0 };
    expect(range.from).toBeGreaterThanOrEqual(whole.from);
    expect(range.to).toBeLessThanOrEqual(whole.to);
    expect((range.from - whole.from) % step).toBe(0);
  }
  for (const [i, later] of partsOf(split).entries()) {
    const [last, first] = [partsOf(split)[i - 1]?.at(-1), later[0]];
    if (last === undefined || first === undefined || last.source !== first.source) continue;
    const times = sources[first.source]?.table.timestampsUs ?? [];
    const gapUs = (times[first.range.from] ?? 0) - (times[last.range.to - 1] ?? 0);
    expect(gapUs).toBeGreaterThanOrEqual(gapMs * 1000 - 1);
  }
}

describe('splitFootage', () => {
  it('divides by time, with gaps, at keyframes', () => {
    const sources = [madeUpSource({ frames: 6000 })]; // 600 s, a keyframe every 2 s
    const split = splitFootage(sources, { smoothingMs: 1000, step: 1 });
    // 596 s are left of 600: 268.2 + 178.8 + 149; 270.2 s becomes the keyframe at 272 s, 451 s that at 452 s
    expect(split).toEqual({
      train: [{ source: 0, range: { from: 0, to: 2682 } }],
      threshold: [{ source: 0, range: { from: 2720, to: 4490 } }],
      test: [{ source: 0, range: { from: 4520, to: 6000 } }],
    });
  });

  it('takes the sources as one tape, and only their ranges', () => {
    const sources = [
      madeUpSource({ frames: 9000, range: { from: 4000, to: 6000 } }),
      madeUpSource({ frames: 4000, keyframeEvery: 4000 }),
    ];
    const split = splitFootage(sources, {
      smoothingMs: 0,
      gapMs: 0,
      step: 1,
      shares: { train: 2, threshold: 1, test: 3 },
    });
    expect(split).toEqual({
      train: [{ source: 0, range: { from: 4000, to: 6000 } }],
      threshold: [{ source: 1, range: { from: 0, to: 1000 } }],
      test: [{ source: 1, range: { from: 1000, to: 4000 } }],
    });
  });

  it('begins a range at its first keyframe, and stretches at labeled frames', () => {
    const sources = [madeUpSource({ frames: 6000, range: { from: 7, to: 6000 } })];
    const split = splitFootage(sources, { smoothingMs: 1000, step: 9 });
    expect(split.train[0]?.range.from).toBe(25); // the labeled frame behind the keyframe 20
    expectSound(sources, split, 2000, 9);
  });

  it('keeps to random footage', () => {
    const random = seeded(7);
    const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from));
    for (let round = 0; round < 150; round++) {
      const sources = Array.from({ length: pick(1, 5) }, () => {
        const frames = pick(400, 3000);
        const range = { from: pick(0, 100), to: frames - pick(0, 100) };
        return madeUpSource({ frames, range, frameRateFps: pick(5, 30), keyframeEvery: pick(1, 200) });
      });
      const options = {
        smoothingMs: pick(0, 3000),
        step: pick(1, 12),
        ...(random() < 0.5 && { gapMs: pick(0, 4000) }),
      };
      const seconds = sources.reduce((sum, { range, info }) => sum + (range.to - range.from) / info.frameRateFps, 0);
      const split = splitFootage(sources, options);
      expectSound(sources, split, splitGapMs(seconds, options), options.step);
      const all = sources.reduce((sum, { range }) => sum + range.to - range.from, 0);
      expect(partsOf(split).every(part => framesOf(part) > 0)).toBe(true);
      expect(framesOf(partsOf(split).flat())).toBeGreaterThan(0.5 * all);
    }
  });

  it.each([
    [600, {}, 2000], // the default
    [50, {}, 1000], // 2 % of the footage
    [20, {}, 1000], // never below the window of the smoothing
    [600, { gapMs: 30_000 }, 30_000], // as told
    [600, { gapMs: 200 }, 1000], // as told, but for the window
  ])('leaves a gap: %s s, %o', (seconds, told, expected) => {
    expect(splitGapMs(seconds, { smoothingMs: 1000, step: 1, ...told })).toBe(expected);
  });

  it('says how much footage is needed', () => {
    const split = (frames: number): FootageSplit =>
      splitFootage([madeUpSource({ frames })], { smoothingMs: 1000, step: 1 });
    expect(() => split(50)).toThrow(
      'The footage is too short to be split: expected at least 6.0 s, got 5.0 s. Give more footage',
    );
    expect(() => split(50)).toThrow(expect.objectContaining({ code: 'OPTIMIZER_FOOTAGE_TOO_SHORT' }));
    expect(partsOf(split(70)).every(part => part.length === 1)).toBe(true);
  });
});

/** Events, as runs of positive rows of all sources laid end to end, and the part that each of their rows is in. */
function partsOfEvents(timeline: LabeledPart, split: FootageSplit): Set<number>[] {
  const partOf = new Map(partsOf(split).flatMap((part, i) => placesOf(part).map(place => [place, i] as const)));
  const events: Set<number>[] = [];
  let wasPositive = false;
  for (const { source, rows } of timeline.stretches) {
    for (let row = rows.from; row < rows.to; row++) {
      const isPositive = timeline.truth[row] === 1;
      if (isPositive && !wasPositive) events.push(new Set());
      const part = partOf.get(source * 1e6 + (timeline.frames[row] ?? 0));
      if (isPositive && part !== undefined) events.at(-1)?.add(part);
      wasPositive = isPositive;
    }
  }
  return events;
}

function timelineOf(
  sources: readonly FootageSource[],
  step: number,
  isPositive: (source: number, frame: number) => boolean,
): LabeledPart {
  return labelPart({
    sources,
    labels: madeUpLabels(sources, step, isPositive),
    stretches: sources.map(({ range }, source) => ({ source, range })),
    predicate: { label: 'person' },
    smoothingMs: 0,
  });
}

describe('adjustToEvents', () => {
  const sources = [madeUpSource({ frames: 6000 })];
  const split = splitFootage(sources, { smoothingMs: 1000, step: 1 });
  const adjust = (from: number, to: number): ReturnType<typeof adjustToEvents> =>
    adjustToEvents(
      split,
      timelineOf(sources, 1, (_, frame) => frame >= from && frame < to),
      { gapMs: 2000 },
    );

  it('leaves a split alone that cuts no event', () => {
    expect(adjust(2690, 2710)).toEqual({ split, crossedBorders: 0 }); // within the gap
    expect(adjust(2682, 2720)).toEqual({ split, crossedBorders: 0 }); // all of the gap
    expect(adjust(1000, 2682)).toEqual({ split, crossedBorders: 0 }); // up to it
  });

  it('moves a border to the nearest keyframe where the gap cuts no event', () => {
    expect(adjust(2670, 2730).split).toMatchObject({
      train: [{ range: { from: 0, to: 2740 } }],
      threshold: [{ range: { from: 2760, to: 4490 } }],
    });
  });

  it('leaves out both sides of an event that is too long to move away from', () => {
    const { split: adjusted, crossedBorders } = adjust(2200, 3300);
    expect(crossedBorders).toBe(0);
    expect(adjusted.train).toEqual([{ source: 0, range: { from: 0, to: 2200 } }]);
    expect(adjusted.threshold[0]?.range.from).toBe(3300);
  });

  it('says when an event goes on for too long', () => {
    expect(adjust(1000, 3500)).toEqual({ split, crossedBorders: 1 });
    expect(adjust(0, 6000)).toEqual({ split, crossedBorders: 2 });
  });

  it('puts no event of random footage into two parts', () => {
    const random = seeded(11);
    const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from));
    let moved = 0;
    for (let round = 0; round < 150; round++) {
      const footage = Array.from({ length: pick(1, 4) }, () => {
        const frames = pick(1500, 4000);
        const range = { from: pick(0, 100), to: frames - pick(0, 100) };
        return madeUpSource({ frames, range, frameRateFps: pick(8, 12), keyframeEvery: pick(1, 200) });
      });
      const step = pick(1, 6);
      const options = { smoothingMs: pick(0, 2000), step };
      const seconds = footage.reduce((sum, { range, info }) => sum + (range.to - range.from) / info.frameRateFps, 0);
      const gapMs = splitGapMs(seconds, options);
      // Events of up to 10 s, and as long between them: about half of the borders lie in one.
      const labels = footage.map(({ table }) => {
        const all: boolean[] = [];
        while (all.length < table.timestampsUs.length) {
          const value = all.length > 0 && !all.at(-1);
          all.push(...Array.from({ length: pick(1, 100) }, () => value));
        }
        return all;
      });
      const timeline = timelineOf(footage, step, (source, frame) => labels[source]?.[frame] === true);
      const before = splitFootage(footage, options);
      const { split: after, crossedBorders } = adjustToEvents(before, timeline, { gapMs });
      if (after !== before) moved++;
      expect(crossedBorders).toBe(0);
      expectSound(footage, after, gapMs, step);
      for (const parts of partsOfEvents(timeline, after)) expect(parts.size).toBeLessThanOrEqual(1);
      const sizes = [before, after].map(one => partsOf(one).map(framesOf));
      for (const [i, size] of (sizes[1] ?? []).entries()) expect(size).toBeGreaterThan(0.5 * (sizes[0]?.[i] ?? 0));
    }
    expect(moved).toBeGreaterThan(100);
  });
});
