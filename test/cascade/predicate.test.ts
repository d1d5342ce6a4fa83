import { describe, expect, test } from 'vitest';
import type { Detection } from '../../cascade/detection.ts';
import { evaluatePredicate, type Predicate, parsePredicate, predicateLabels } from '../../cascade/predicate.ts';
import { seeded } from './random.ts';

const person = (score: number, x = 0.4, y = 0.2, width = 0.2, height = 0.5): Detection => ({
  label: 'person',
  score,
  box: { x, y, width, height },
});

describe('evaluatePredicate', () => {
  const left = [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ] as const;
  const notch = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0.5, 0.5],
    [0, 1],
  ] as const;

  test.each<[string, Predicate, Detection[], boolean, number]>([
    ['nothing found', { label: 'person' }, [], false, 0],
    ['the default minimum score is inclusive', { label: 'person' }, [person(0.5)], true, 0.5],
    ['a score below the minimum is still reported', { label: 'person' }, [person(0.49)], false, 0.49],
    ['the best of several', { label: 'person', minScore: 0.3 }, [person(0.4), person(0.9), person(0.6)], true, 0.9],
    ['another label', { label: 'car' }, [person(0.9)], false, 0],
    ['height is inclusive', { label: 'person', minHeight: 0.5 }, [person(0.9)], true, 0.9],
    ['too small', { label: 'person', minHeight: 0.51 }, [person(0.9)], false, 0],
    ['the lower edge on the border counts', { label: 'person', zone: left }, [person(0.9)], true, 0.9],
    ['beyond the border', { label: 'person', zone: left }, [person(0.9, 0.41)], false, 0],
    ['feet in the corner of the frame', { label: 'person', zone: left }, [person(0.9, 0, 0.3, 0.2, 0.7)], true, 0.9],
    ['within the notch of a concave zone', { label: 'person', zone: notch }, [person(0.9, 0.4, 0.4)], false, 0],
    ['beside the notch', { label: 'person', zone: notch }, [person(0.9, 0, 0.2)], true, 0.9],
    ['not', { not: { label: 'person' } }, [person(0.75)], false, 0.25],
    ['any takes the greatest', { any: [{ label: 'person' }, { label: 'car' }] }, [person(0.7)], true, 0.7],
    ['all takes the smallest', { all: [{ label: 'person' }, { label: 'car' }] }, [person(0.7)], false, 0],
  ])('%s', (_, predicate, detections, label, score) => {
    const answer = evaluatePredicate(predicate, detections);
    expect(answer.label).toBe(label);
    expect(answer.score).toBeCloseTo(score, 12);
  });

  test('agrees with a naive oracle on random predicates and detections', () => {
    const random = seeded(1);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
    const randomPredicate = (depth: number): Predicate => {
      const kind = depth === 0 ? 0 : Math.floor(random() * 4);
      const parts = (): Predicate[] =>
        Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomPredicate(depth - 1));
      if (kind === 1) return { any: parts() };
      if (kind === 2) return { all: parts() };
      if (kind === 3) return { not: randomPredicate(depth - 1) };
      const [x, y] = [random() * 0.5, random() * 0.5];
      return {
        label: pick(['person', 'car']),
        ...(random() < 0.5 && { minScore: random() }),
        ...(random() < 0.5 && { minHeight: random() * 0.5 }),
        // A triangle with legs along the axes: easy to decide otherwise than by counting crossings.
        ...(random() < 0.5 && {
          zone: pick([
            [
              [x, y],
              [x + 0.5, y],
              [x, y + 0.5],
            ],
            [
              [x, y + 0.5],
              [x, y],
              [x + 0.5, y],
            ],
          ]),
        }),
      } as Predicate;
    };
    const oracle = (predicate: Predicate, found: Detection[]): { label: boolean; score: number } => {
      if ('not' in predicate) {
        const inner = oracle(predicate.not, found);
        return { label: !inner.label, score: 1 - inner.score };
      }
      if (!('label' in predicate)) {
        const every = 'all' in predicate;
        let result = { label: every, score: every ? 1 : 0 };
        for (const part of every ? predicate.all : predicate.any) {
          const { label, score } = oracle(part, found);
          result = every
            ? { label: result.label && label, score: Math.min(result.score, score) }
            : { label: result.label || label, score: Math.max(result.score, score) };
        }
        return result;
      }
      const candidates = found
        .filter(({ label }) => label === predicate.label)
        .filter(({ box }) => box.height >= (predicate.minHeight ?? 0))
        .filter(({ box }) => {
          if (predicate.zone === undefined) return true;
          const x = Math.min(...predicate.zone.map(point => point[0]));
          const y = Math.min(...predicate.zone.map(point => point[1]));
          const [dx, dy] = [box.x + box.width / 2 - x, box.y + box.height - y];
          return dx >= 0 && dy >= 0 && dx + dy <= 0.5;
        })
        .map(({ score }) => score)
        .sort((a, b) => b - a);
      const best = candidates[0];
      return { label: best !== undefined && best >= (predicate.minScore ?? 0.5), score: best ?? 0 };
    };
    for (let round = 0; round < 5000; round++) {
      const predicate = randomPredicate(3);
      const found = Array.from({ length: Math.floor(random() * 6) }, (): Detection => {
        const [width, height] = [random() * 0.3, random() * 0.5];
        const box = { x: random() * (1 - width), y: random() * (1 - height), width, height };
        return { label: pick(['person', 'car']), score: random(), box };
      });
      const answer = evaluatePredicate(predicate, found);
      const expected = oracle(predicate, found);
      expect(answer.label, JSON.stringify({ predicate, found })).toBe(expected.label);
      expect(answer.score).toBeCloseTo(expected.score, 10);
    }
  });
});

describe('parsePredicate', () => {
  test('keeps a valid predicate as it is', () => {
    const predicate = {
      all: [{ any: [{ label: 'bus', minHeight: 0.15 }, { label: 'truck' }] }, { not: { label: 'person' } }],
    };
    expect(parsePredicate(predicate)).toEqual(predicate);
  });

  test.each([
    [3, '(top level): expected object, received number; got 3'],
    [{}, 'label: expected string'],
    [{ label: 'a', minScore: 2 }, 'minScore: Too big: expected number to be <=1; got 2'],
    [{ label: 'a', zone: [[0, 0]] }, 'zone: expected a polygon of at least 3 points'],
    [
      {
        label: 'a',
        zone: [
          [0, 0],
          [0, 1.5],
          [1, 1],
        ],
      },
      'zone.1.1: Too big',
    ],
    [{ label: 'a', minscore: 0.2 }, 'Unrecognized key: "minscore"'],
    [{ any: [] }, 'any: expected at least one predicate'],
    [{ all: [{ label: 'a' }, { not: { label: '' } }] }, 'all.1.not.label: Too small'],
    [{ not: { label: 'a' }, label: 'b' }, 'Unrecognized key: "label"'],
  ])('names what is wrong in %j', (value, issue) => {
    expect(() => parsePredicate(value)).toThrow(
      expect.objectContaining({ code: 'CASCADE_PREDICATE_INVALID', message: expect.stringContaining(issue) }),
    );
  });
});

test('predicateLabels names each label once', () => {
  const predicate: Predicate = {
    any: [
      { label: 'bus' },
      { all: [{ label: 'truck' }, { not: { label: 'bus' } }] },
      { label: 'truck', minScore: 0.2 },
    ],
  };
  expect(predicateLabels(predicate)).toEqual(['bus', 'truck']);
});
