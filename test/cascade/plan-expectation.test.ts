import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { type CascadePlan, hashPlan, type PlanExpectation, parsePlan } from '../../cascade/index.ts';

const errors = {
  falseNegativeRate: { estimate: 0.004, bound: 0.0098 },
  falsePositiveRate: { estimate: null, bound: 1 },
};
const expected: PlanExpectation = {
  targets: { falseNegativeRate: 0.01, falsePositiveRate: 0.02, confidence: 0.95 },
  status: 'bounded',
  errors: { threshold: errors, test: null },
  framesPerSecond: 1918,
  speedUp: 76.3,
  shares: { decoded: 1, keyframes: 0, compared: 0.2, scored: 0.09, referenced: 0.008 },
  machine: { cpu: 'a CPU', cores: 2, node: 'v20.20.2', workers: 1, replicas: 1 },
  seed: 1,
};
const plan = {
  schema: 'saccade/plan/1',
  name: 'p',
  predicate: { label: 'person' },
  skip: { kind: 'every', tSkip: 1 },
  referenceModel: { model: 'm', sha256: 'a'.repeat(64) },
} as const;

it('is read as it was written, and may be null or absent', () => {
  const parse = (value: unknown): CascadePlan => parsePlan({ ...plan, expected: value }, 'x');
  expect(parse(JSON.parse(JSON.stringify(expected)))).toMatchObject({ expected });
  expect(parse(null).expected).toBeNull();
  expect(parsePlan(plan, 'x')).not.toHaveProperty('expected');
});

it('does not count for the hash of a plan: runs before it was known go on', () => {
  const bare = parsePlan(plan, 'x');
  // As every plan was hashed before the field existed.
  const before = createHash('sha256').update(JSON.stringify(bare)).digest('hex');
  expect(hashPlan(bare)).toBe(before);
  expect(hashPlan(parsePlan({ ...plan, expected }, 'x'))).toBe(before);
  expect(hashPlan(parsePlan({ ...plan, expected: { ...expected, speedUp: 3 } }, 'x'))).toBe(before);
  expect(hashPlan(parsePlan({ ...plan, smoothingMs: 0, expected }, 'x'))).not.toBe(before);
});

it.each([
  ['status', { ...expected, status: 'certain' }],
  ['confidence', { ...expected, targets: { ...expected.targets, confidence: 0.5 } }],
  [
    'bound',
    { ...expected, errors: { threshold: { ...errors, falseNegativeRate: { estimate: 0, bound: 2 } }, test: null } },
  ],
  ['unknownField', { ...expected, unknownField: 1 }],
  ['workers', { ...expected, machine: { ...expected.machine, workers: 0 } }],
])('is refused with a wrong %s', (place, value) => {
  expect(() => parsePlan({ ...plan, expected: value }, 'x')).toThrowError(
    expect.objectContaining({ code: 'CASCADE_PLAN_INVALID', message: expect.stringContaining(place) }),
  );
});
