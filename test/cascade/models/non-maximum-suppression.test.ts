import { expect, test } from 'vitest';
import { BoxCandidates } from '../../../cascade/models/box-candidates.ts';
import { suppressNonMaxima } from '../../../cascade/models/non-maximum-suppression.ts';
import { seeded } from '../random.ts';

interface Candidate {
  readonly kind: number;
  readonly score: number;
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
}

function suppress(found: readonly Candidate[], maxOverlap?: number): ReturnType<typeof suppressNonMaxima> {
  const candidates = new BoxCandidates();
  for (const { kind, score, cx, cy, width, height } of found) candidates.add(kind, score, cx, cy, width, height);
  return suppressNonMaxima(candidates, ['a', 'b', 'c'], maxOverlap);
}

function overlap(a: Candidate, b: Candidate): number {
  const along = (c1: number, s1: number, c2: number, s2: number): number =>
    Math.max(0, Math.min(c1 + s1 / 2, c2 + s2 / 2) - Math.max(c1 - s1 / 2, c2 - s2 / 2));
  const both = along(a.cx, a.width, b.cx, b.width) * along(a.cy, a.height, b.cy, b.height);
  return both / (a.width * a.height + b.width * b.height - both);
}

test('agrees with a naive oracle on 600 random boxes', () => {
  const random = seeded(7);
  for (let round = 0; round < 20; round++) {
    const found = Array.from(
      { length: 600 },
      (): Candidate => ({
        kind: Math.floor(random() * 3),
        score: Math.round(random() * 100) / 100,
        cx: random(),
        cy: random(),
        width: 0.05 + random() * 0.3,
        height: 0.05 + random() * 0.3,
      }),
    );
    // The definition: of all that is left, the best stays and removes its like.
    let rest = [...found];
    const kept: Candidate[] = [];
    while (rest.length > 0) {
      const best = rest.reduce((a, b) => (b.score > a.score ? b : a));
      kept.push(best);
      rest = rest.filter(other => other !== best && (other.kind !== best.kind || overlap(best, other) <= 0.5));
    }
    const result = suppress(found);
    expect(result.map(({ label, score }) => `${label} ${score}`)).toEqual(
      kept.map(({ kind, score }) => `${'abc'[kind]} ${score}`),
    );
  }
});

test('boxes are cut to the frame, and those outside are left out', () => {
  const detections = suppress([
    { kind: 0, score: 0.9, cx: 0, cy: 1, width: 0.4, height: 0.4 },
    { kind: 0, score: 0.8, cx: 1.5, cy: 0.5, width: 0.2, height: 0.2 },
    { kind: 0, score: 0.7, cx: Number.NaN, cy: 0.5, width: 0.2, height: 0.2 },
  ]);
  expect(detections).toEqual([
    { label: 'a', score: 0.9, box: { x: 0, y: 0.8, width: 0.2, height: expect.closeTo(0.2) } },
  ]);
});

test('the greatest overlap can be chosen', () => {
  const found = [0.5, 0.52].map((cx, i) => ({ kind: 1, score: 0.9 - i / 10, cx, cy: 0.5, width: 0.2, height: 0.2 }));
  expect(suppress(found)).toHaveLength(1);
  expect(suppress(found, 0.9)).toHaveLength(2);
  expect(suppress([])).toEqual([]);
});
