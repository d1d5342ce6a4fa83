import { expect, it } from 'vitest';
import { predicateOf, queryNameOf } from '../../cli/query-options.ts';

const common = { reference: 'pvb', smoothing: 1000, minScore: 0.4 };

it('asks for one label as it is', () => {
  const values = { ...common, label: ['person'] };
  expect(predicateOf(values)).toEqual({ label: 'person', minScore: 0.4 });
  expect(queryNameOf(values)).toBe('person');
});

it('asks for any of several labels, each with the same limits', () => {
  const zone = [
    [0, 0],
    [1, 0],
    [1, 1],
  ] as const;
  const values = { ...common, label: ['person', 'vehicle'], zone };
  expect(predicateOf(values)).toEqual({
    any: [
      { label: 'person', minScore: 0.4, zone },
      { label: 'vehicle', minScore: 0.4, zone },
    ],
  });
  expect(queryNameOf(values)).toBe('person or vehicle');
});
