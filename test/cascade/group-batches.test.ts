import { expect, it } from 'vitest';
import { endsLook, groupsPerLook, lookStart } from '../../cascade/group-batches.ts';
import type { FrameTable } from '../../ingest/index.ts';

const keyframes = Uint32Array.from({ length: 20 }, (_, i) => i * 10);
const table: FrameTable = { timestampsUs: Float64Array.from({ length: 200 }, (_, i) => i), keyframes };

it.each([
  // The first batch, from any of its frames.
  [0, 0],
  [9, 0],
  [79, 0],
  [80, 80],
  [159, 80],
  [160, 160],
  [199, 160],
])('frame %i belongs to the batch from frame %i', (frame, start) => {
  expect(lookStart(table, frame)).toBe(start);
});

it('ends a batch after every eighth keyframe', () => {
  expect([...keyframes].filter(keyframe => endsLook(table, keyframe))).toEqual([
    (groupsPerLook - 1) * 10,
    (2 * groupsPerLook - 1) * 10,
  ]);
});
