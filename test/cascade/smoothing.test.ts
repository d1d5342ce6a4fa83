import { describe, expect, it } from 'vitest';
import { Smoother, smooth } from '../../cascade/smoothing.ts';
import { seeded } from './random.ts';

/** The definition, frame by frame. */
function oracle(timestampsUs: readonly number[], labels: readonly boolean[], windowMs: number): boolean[] {
  return timestampsUs.map((time, i) => {
    const window = labels.filter((_, j) => Math.abs((timestampsUs[j] ?? 0) - time) <= windowMs * 500);
    const positives = window.filter(Boolean).length;
    return positives * 2 === window.length ? labels[i] === true : positives * 2 > window.length;
  });
}

describe('smoothing', () => {
  it('agrees with the definition at any frame rate, even a variable one', () => {
    const random = seeded(1);
    for (let round = 0; round < 300; round++) {
      const frames = Math.floor(random() * 60);
      const windowMs = [0, 40, 100, 500, 1000, 10_000][Math.floor(random() * 6)] ?? 0;
      let time = Math.floor(random() * 1e6) - 500_000;
      const timestampsUs = Array.from({ length: frames }, () => (time += Math.floor(random() * 4) * 33_367));
      const labels = Array.from({ length: frames }, () => random() < 0.4);
      expect(smooth(timestampsUs, labels, windowMs)).toEqual(oracle(timestampsUs, labels, windowMs));
    }
  });

  it('removes flicker shorter than half the window and keeps what is longer', () => {
    const times = Array.from({ length: 100 }, (_, i) => i * 100_000);
    const labels = times.map((_, i) => i === 20 || (i >= 40 && i < 60));
    const smoothed = smooth(times, labels, 1000);
    expect(smoothed[20]).toBe(false);
    expect(smoothed.indexOf(true)).toBe(40);
    expect(smoothed.lastIndexOf(true)).toBe(59);
  });

  it('holds back only half a window, over any length', () => {
    const smoother = new Smoother(1000);
    let out = 0;
    for (let i = 0; i < 10_000; i++) {
      out += smoother.push(i * 40_000, i % 3 === 0).length;
      expect(i + 1 - out).toBeLessThanOrEqual(14);
    }
    expect(out + smoother.flush().length).toBe(10_000);
  });
});
