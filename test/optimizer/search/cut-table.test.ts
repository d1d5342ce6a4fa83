import { expect, it } from 'vitest';
import { cutTable } from '../../../optimizer/search/cut-table.ts';
import { seeded } from '../../cascade/random.ts';
import { randomTable } from './random-table.ts';

it('keeps the rows of the ranges, each a stretch of its own, cut again at the borders of stretches', () => {
  const random = seeded(61);
  for (let round = 0; round < 50; round++) {
    const step = 1 + (round % 3);
    const table = randomTable({ random, stretches: 3, rows: 20, step, smoothingMs: 0, skips: [] });
    const count = table.part.truth.length;
    const [a, b, c] = [random(), random(), random()].map(share => Math.floor(share * count)).sort((x, y) => x - y);
    const [first, second, third] = [a ?? 0, b ?? 0, c ?? 0];
    const ranges = [
      { from: first, to: second },
      { from: third, to: count },
    ];
    const kept = Array.from(table.part.truth.keys()).filter(
      row => (row >= first && row < second) || (row >= third && row < count),
    );
    const cut = cutTable(table, ranges);
    expect(Array.from(cut.part.frames)).toEqual(kept.map(row => table.part.frames[row]));
    expect(Array.from(cut.part.truth)).toEqual(kept.map(row => table.part.truth[row]));
    for (const [i, { scores }] of cut.differences.entries()) {
      expect(Array.from(scores)).toEqual(kept.map(row => table.differences[i]?.scores[row]));
    }
    for (const { source, range, rows } of cut.part.stretches) {
      const whole = table.part.stretches.find(stretch => stretch.source === source);
      for (let row = rows.from; row < rows.to; row++) {
        expect(cut.part.frames[row]).toBe(range.from + (row - rows.from) * step);
      }
      expect(range.from).toBeGreaterThanOrEqual(whole?.range.from ?? 0);
      expect(range.to).toBeLessThanOrEqual(whole?.range.to ?? 0);
      expect(Math.ceil((range.to - range.from) / step)).toBe(rows.to - rows.from);
    }
  }
});
