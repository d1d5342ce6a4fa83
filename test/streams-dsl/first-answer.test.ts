import { describe, expect, it } from 'vitest';
import { firstAnswer, LostWork } from '../../streams-dsl/runtime/first-answer.ts';
import { seeded } from '../cascade/random.ts';

const never = new AbortController().signal;

/** A Gamma(3, 2) latency in ms as in Cloudflow §5.4: the sum of three exponential ones. */
function gammaMs(random: () => number): number {
  return Array.from({ length: 3 }, () => -2 * Math.log(1 - random())).reduce((sum, part) => sum + part, 0);
}

describe('the first answer', () => {
  it('halves the tail of a varying step (Gamma of shape 3): the least of three waits', async () => {
    const random = seeded(7);
    const alone: number[] = [];
    const first: number[] = [];
    for (let i = 0; i < 2000; i++) {
      alone.push(gammaMs(random));
      // Virtual time: a copy answers in the order of its latency, and tells it.
      const waits = [gammaMs(random), gammaMs(random), gammaMs(random)];
      const order = [...waits].sort((a, b) => a - b);
      const ask = async (copy: number): Promise<number> => {
        for (let turn = order.indexOf(waits[copy] ?? 0); turn >= 0; turn--) await Promise.resolve();
        return waits[copy] ?? 0;
      };
      const answer = await firstAnswer(3, ask, { signal: never, lost: new LostWork() });
      expect(answer).toBe(Math.min(...waits));
      first.push(answer);
    }
    const p99 = (waits: number[]): number => waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0;
    expect(p99(first)).toBeLessThan(0.55 * p99(alone));
  });

  it('cancels the beaten ones and counts what they cost', async () => {
    const lost = new LostWork();
    const aborted: number[] = [];
    let nowMs = 100;
    const ask = (copy: number, signal: AbortSignal): Promise<string> => {
      signal.addEventListener('abort', () => aborted.push(copy));
      if (copy !== 1) return new Promise(() => undefined);
      nowMs = 130;
      return Promise.resolve('first');
    };
    expect(await firstAnswer(3, ask, { signal: never, lost, nowMs: () => nowMs })).toBe('first');
    expect(aborted).toEqual([0, 1, 2]);
    expect({ ...lost }).toEqual({ calls: 2, wallMs: 60 });
  });

  it('fails only when all copies do, and counts a failed one as no loss', async () => {
    const lost = new LostWork();
    const failing = (copy: number): Promise<string> =>
      copy === 2
        ? new Promise(resolve => setImmediate(() => resolve('late')))
        : Promise.reject(new Error(`no ${copy}`));
    expect(await firstAnswer(3, failing, { signal: never, lost })).toBe('late');
    expect(lost.calls).toBe(0);
    const allFail = (copy: number): Promise<string> => Promise.reject(new Error(`no ${copy}`));
    await expect(firstAnswer(2, allFail, { signal: never, lost })).rejects.toThrow('no 1');
  });

  it('gives all copies up with the signal', async () => {
    const outer = new AbortController();
    const ask = (_copy: number, signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const answer = firstAnswer(2, ask, { signal: outer.signal, lost: new LostWork() });
    outer.abort(new Error('left'));
    await expect(answer).rejects.toThrow('left');
  });
});
