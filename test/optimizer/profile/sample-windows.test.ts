import { expect, it } from 'vitest';
import { sampleWindows } from '../../../optimizer/profile/sample-windows.ts';

function tableOf(frames: number, keyframeEvery: number): { timestampsUs: Float64Array; keyframes: Uint32Array } {
  return {
    timestampsUs: Float64Array.from({ length: frames }, (_, i) => i * 40_000),
    keyframes: Uint32Array.from({ length: Math.ceil(frames / keyframeEvery) }, (_, i) => i * keyframeEvery),
  };
}
const options = { count: 8, leastFrames: 60, mostFrames: 600 };

it('takes whole groups of pictures, spread over the stretches', () => {
  const stretches = [
    { source: 0, range: { from: 0, to: 5000 } },
    { source: 1, range: { from: 2000, to: 5000 } },
  ];
  const windows = sampleWindows(stretches, [tableOf(10_000, 50), tableOf(6000, 25)], options);
  expect(windows).toHaveLength(8);
  for (const { source, range } of windows) {
    const every = source === 0 ? 50 : 25;
    expect([range.from % every, range.to % every]).toEqual([0, 0]);
    expect(range.to - range.from).toBe(source === 0 ? 100 : 75);
  }
  const places = windows.map(({ source, range }) => (source === 0 ? range.from : 3000 + range.from)).map(Math.floor);
  // One in each eighth of the footage, and of the first two one in each half.
  expect([...places].sort((a, b) => a - b).map(place => Math.floor((place + 25) / 1000))).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7,
  ]);
  expect(places.slice(0, 2).map(place => place >= 4000)).toEqual([false, true]);
});

it('bounds the windows of footage with few keyframes, and takes short footage once', () => {
  const [long] = sampleWindows([{ source: 0, range: { from: 0, to: 9000 } }], [tableOf(9000, 9000)], options);
  expect(long?.range).toEqual({ from: 0, to: 600 });
  const short = sampleWindows([{ source: 0, range: { from: 0, to: 40 } }], [tableOf(40, 25)], options);
  expect(short.map(({ range }) => range)).toEqual(expect.arrayContaining([{ from: 0, to: 40 }]));
  expect(new Set(short.map(({ range }) => range.from)).size).toBe(short.length);
});
