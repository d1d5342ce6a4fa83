import { expect, test } from 'vitest';
import { CircuitBreaker } from '../../../cascade/engines/circuit-breaker.ts';
import { RetryBudget } from '../../../cascade/engines/retry-budget.ts';
import { seeded } from '../random.ts';

test('a breaker opens after failures in a row, lets one probe through, and closes or opens anew by its outcome', () => {
  let now = 1000;
  const breaker = new CircuitBreaker({ openAfter: 3, openMs: 500, nowMs: () => now });
  const fail = (): void => {
    expect(breaker.waitMs()).toBe(0);
    breaker.failed();
  };
  fail();
  fail();
  breaker.succeeded();
  fail();
  fail();
  expect(breaker.isHalfOpen).toBe(false);
  fail();
  expect(breaker.waitMs()).toBe(500);
  now += 499;
  expect(breaker.waitMs()).toBe(1);
  now += 1;
  expect(breaker.waitMs()).toBe(0);
  expect(breaker.isHalfOpen).toBe(true);
  // The probe is on its way: nobody else.
  expect(breaker.waitMs()).toBeGreaterThan(0);
  breaker.failed();
  expect(breaker.waitMs()).toBe(500);
  now += 500;
  expect(breaker.waitMs()).toBe(0);
  breaker.succeeded();
  expect(breaker).toMatchObject({ failures: 0, isHalfOpen: false });
  expect(breaker.waitMs()).toBe(0);
});

test('second attempts are never more than their share of the calls, and one', () => {
  const budget = new RetryBudget({ share: 0.1, most: 10 });
  const random = seeded(5);
  let spent = 0;
  for (let calls = 1; calls <= 2000; calls++) {
    budget.earn();
    if (random() < 0.6 && budget.spend()) spent++;
    expect(spent).toBeLessThanOrEqual(1 + calls / 10);
  }
  expect(spent).toBeGreaterThan(190);
  const saved = new RetryBudget({ share: 0.1, most: 10 });
  for (let calls = 0; calls < 1000; calls++) saved.earn();
  const attempts = Array.from({ length: 20 }, () => saved.spend()).filter(Boolean);
  expect(attempts).toHaveLength(10);
});
