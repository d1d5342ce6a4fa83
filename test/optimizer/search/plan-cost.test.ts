import { expect, it } from 'vitest';
import { planCost } from '../../../optimizer/index.ts';

const costs = {
  decodeUs: 100,
  keyframeUs: 400,
  demuxUs: 2,
  differenceUs: { d: 10 },
  specializedUs: { s: 50 },
  referenceSendUs: 300,
  referenceUs: 10_000,
  decisionUs: 4,
};
const every = { skip: { kind: 'every', tSkip: 5 }, difference: 'd', specialized: 's' } as const;
const counts = { frames: 1000, decoded: 1000, keyframes: 0, compared: 200, scored: 100, referenced: 5 };
const processes = { workers: 1, replicas: 1, cores: 4 };

it('is what the stream worker takes when it is the busiest', () => {
  // 1000·100 + 200·10 + 100·50 + 5·300 = 108,500; the model takes 50,000, the main process 4,000, all 162,500 ÷ 4.
  expect(planCost({ structure: every, counts, costs, processes })).toEqual({
    frameUs: 108.5,
    framesPerSecond: 1e6 / 108.5,
    bottleneck: 'stream-worker',
    stagesUs: { decode: 100, difference: 2, specialized: 5, reference: 51.5, decision: 4 },
  });
});

it.each([
  // 20 calls: 200,000 of one model worker against 113,000 of the stream worker
  [{ ...counts, referenced: 20 }, processes, 'model-worker', 200],
  // two model workers halve it
  [{ ...counts, referenced: 20 }, { workers: 1, replicas: 2, cores: 4 }, 'stream-worker', 113],
  // one core does all of it: 113,000 + 200,000 + 4,000
  [{ ...counts, referenced: 20 }, { workers: 1, replicas: 1, cores: 1 }, 'cores', 317],
  // 64 stream workers on as many cores leave the main process: 4 µs a frame
  [{ ...counts, referenced: 0 }, { workers: 64, replicas: 1, cores: 64 }, 'main', 4],
] as const)('is what the busiest resource takes: %j %j', (asked, given, bottleneck, frameUs) => {
  expect(planCost({ structure: every, counts: asked, costs, processes: given })).toMatchObject({ bottleneck, frameUs });
});

it('counts keyframes alone, refined groups and what is only demuxed', () => {
  const structure = { skip: { kind: 'keyframes' }, difference: null, specialized: null } as const;
  const keyframes = { frames: 1000, decoded: 200, keyframes: 50, compared: 0, scored: 0, referenced: 0 };
  // 200·100 + 50·400 + 800·2 = 41,600
  expect(planCost({ structure, counts: keyframes, costs, processes }).stagesUs.decode).toBeCloseTo(41.6, 9);
});

it('refuses a candidate that was not measured', () => {
  expect(() => planCost({ structure: { ...every, difference: 'other' }, counts, costs, processes })).toThrow(/other/);
});
