import { describe, expect, it } from 'vitest';
import { type ArrivedFrames, CameraPace, type LiveDropReason, LiveGate, type LiveOptions } from '../../ingest/index.ts';
import { seeded } from '../cascade/random.ts';

const frames = 400;
/** About 25 fps, with gaps and bursts. */
function timesUs(random: () => number): Float64Array {
  let us = 1e6;
  return Float64Array.from({ length: frames }, () => {
    us += random() < 0.1 ? 0 : Math.floor(random() * 80) * 1000;
    return us;
  });
}

/** Plays footage to a consumer that takes so long for each step. */
function play(
  options: { live: LiveOptions; every: number; togetherMs: number; most: number; from: number; times: Float64Array },
  busyMs: () => number,
): { steps: (ArrivedFrames & { atMs: number })[] } {
  let nowMs = 500;
  const { live, every, togetherMs, most, from, times } = options;
  const table = { timestampsUs: times, keyframes: Uint32Array.from({ length: frames / 20 }, (_, i) => i * 20) };
  const wanted = (index: number): boolean => index % every === 0;
  const range = { from, to: frames };
  const camera = new CameraPace({ live, startMs: 500, table, range, wanted, togetherMs }, { nowMs: () => nowMs });
  const steps: (ArrivedFrames & { atMs: number })[] = [];
  while (!camera.isOver) {
    nowMs += camera.waitMs;
    expect(camera.waitMs).toBe(0);
    steps.push({ ...camera.take(most), atMs: nowMs });
    nowMs += busyMs();
  }
  return { steps };
}

describe('footage that is played as a camera would send it', () => {
  const cases: [LiveOptions, number][] = [
    [{}, 0],
    [{ stalenessMs: 100 }, 50],
    [{ limit: 3 }, 0],
    [{ mode: 'every-frame', limit: 5 }, 200],
    [{ mode: 'freshest' }, 0],
  ];
  it.each(cases)('drops what a gate drops that frames reach as they come: %j', (live, togetherMs) => {
    const random = seeded(11);
    for (let round = 0; round < 8; round++) {
      const [every, most] = [1 + Math.floor(random() * 3), 1 + Math.floor(random() * 40)];
      const times = timesUs(random);
      const slowness = random() * 300;
      const { steps } = play({ live, every, togetherMs, most, from: 0, times }, () => Math.floor(random() * slowness));
      let nowMs = 0;
      const reasons = new Map<number, LiveDropReason>();
      const gate = new LiveGate<number>(live, { nowMs: () => nowMs }, (frame, reason) => reasons.set(frame, reason));
      let coming = 0;
      let next = 0;
      const dropped: [number, LiveDropReason][] = [];
      for (const { atMs, range, served, dropped: own } of steps) {
        // The camera sends, one frame after the other, whoever is busy.
        for (; coming < frames; coming++) {
          nowMs = 500 + ((times[coming] ?? 0) - (times[0] ?? 0)) / 1000;
          if (nowMs > atMs) break;
          if (coming % every === 0) gate.offer(coming);
        }
        nowMs = atMs;
        const expected: number[] = [];
        for (let left = most; left > 0; left--) {
          const frame = gate.take();
          if (frame === undefined) break;
          expected.push(frame);
        }
        expect(served).toEqual(expected);
        // Ranges follow each other, and tell what became of each wanted frame in them.
        expect(range.from).toBe(next);
        next = range.to;
        const told = [...served, ...own.keys()].sort((a, b) => a - b);
        const inside = Array.from({ length: range.to - range.from }, (_, i) => range.from + i);
        expect(told).toEqual(inside.filter(frame => frame % every === 0));
        dropped.push(...own);
      }
      expect(next).toBe(frames);
      expect(new Map(dropped)).toEqual(reasons);
    }
  });

  it('gives each frame when it is due to whoever is quick, and all of them', () => {
    const times = timesUs(seeded(3));
    const { steps } = play({ live: {}, every: 2, togetherMs: 0, most: 1, from: 0, times }, () => 0);
    expect(steps.flatMap(({ served }) => served)).toEqual(Array.from({ length: frames / 2 }, (_, i) => i * 2));
    for (const { served, atMs } of steps) {
      for (const frame of served) expect(atMs).toBe(500 + ((times[frame] ?? 0) - (times[0] ?? 0)) / 1000);
    }
  });

  it('collects for so long, and decodes from a keyframe where it can', () => {
    const times = Float64Array.from({ length: frames }, (_, i) => i * 40_000);
    const { steps } = play({ live: {}, every: 1, togetherMs: 200, most: 99, from: 0, times }, () => 0);
    expect(steps.slice(0, 2).map(({ served, atMs }) => [served, atMs])).toEqual([
      [[0, 1, 2, 3, 4, 5], 700],
      [[6, 7, 8, 9, 10, 11], 940],
    ]);
    expect(steps.map(({ decode }) => decode)[3]).toEqual({ from: 18, to: 24 });
    // A worker that was restarted has missed some: frames 0–112 are older than 500 ms at 5 s.
    let nowMs = 5000;
    const table = { timestampsUs: times, keyframes: Uint32Array.of(0, 100) };
    const range = { from: 50, to: frames };
    const options = { live: {}, startMs: 0, table, range, wanted: () => true, togetherMs: 0 };
    const camera = new CameraPace(options, { nowMs: () => nowMs });
    const { served, dropped, decode } = camera.take(32);
    expect([served[0], served.at(-1), dropped.size, decode]).toEqual([113, 125, 63, { from: 100, to: 126 }]);
    expect(camera.waitMs).toBe(40);
    nowMs = 1e6;
    expect(camera.take(1)).toMatchObject({ served: [], decode: null, range: { from: 126, to: frames } });
    expect(camera.isOver).toBe(true);
  });
});
