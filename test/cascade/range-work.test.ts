import { expect, it } from 'vitest';
import { RangeWork } from '../../cascade/range-work.ts';
import { seeded } from './random.ts';

it('settles up to the first gap, whatever order the pieces come in', () => {
  const random = seeded(3);
  for (let round = 0; round < 100; round++) {
    const work = new RangeWork({ from: 10, to: 50 });
    const pieces: { from: number; to: number }[] = [];
    for (let from = 10; from < 50; ) {
      const to = Math.min(50, from + 1 + Math.floor(random() * 8));
      pieces.push({ from, to });
      from = to;
    }
    const settled = new Set<number>();
    while (pieces.length > 0) {
      const [piece] = pieces.splice(Math.floor(random() * pieces.length), 1);
      if (piece === undefined) break;
      work.settle(piece);
      for (let frame = piece.from; frame < piece.to; frame++) settled.add(frame);
      let expected = 10;
      while (settled.has(expected)) expected++;
      expect(work.settledTo).toBe(expected);
    }
    expect(work.isSettled).toBe(true);
  }
});

it('ignores pieces of other ranges and forgets deaths on progress', () => {
  const work = new RangeWork({ from: 10, to: 20 });
  work.deaths = 2;
  work.settle({ from: 0, to: 10 });
  work.settle({ from: 20, to: 30 });
  expect([work.settledTo, work.deaths]).toEqual([10, 2]);
  work.settle({ from: 10, to: 15 });
  expect([work.settledTo, work.deaths]).toEqual([15, 0]);
});
