import { expect, test } from 'vitest';
import { ReplicaScaler } from '../../../cascade/models/replica-scaler.ts';

test('adds a process after two busy seconds, within bounds, and not before the last one has started', () => {
  const scaler = new ReplicaScaler({ min: 1, max: 3 });
  const busy = { busyShare: 0.95, waitingBatches: 4, shed: 0 };
  expect(scaler.next({ ...busy, replicas: 1, ready: 1 })).toBe(0);
  expect(scaler.next({ ...busy, replicas: 1, ready: 1, waitingBatches: 0 })).toBe(0);
  expect([1, 2].map(() => scaler.next({ ...busy, replicas: 1, ready: 1 }))).toEqual([0, 1]);
  expect([1, 2, 3].map(() => scaler.next({ ...busy, replicas: 2, ready: 1 }))).toEqual([0, 0, 0]);
  expect(scaler.next({ ...busy, replicas: 2, ready: 2 })).toBe(1);
  expect([1, 2, 3].map(() => scaler.next({ ...busy, replicas: 3, ready: 3 }))).toEqual([0, 0, 0]);
});

test('what is rejected for want of time is reason enough', () => {
  const scaler = new ReplicaScaler({ min: 1, max: 2 });
  const shedding = { busyShare: 0.1, waitingBatches: 0, shed: 3, replicas: 1, ready: 1 };
  expect([1, 2].map(() => scaler.next(shedding))).toEqual([0, 1]);
});

test('ends a process when the others would not be busy for half a minute', () => {
  const scaler = new ReplicaScaler({ min: 1, max: 3 });
  const calm = { busyShare: 0.2, waitingBatches: 0, shed: 0, replicas: 2, ready: 2 };
  const changes = Array.from({ length: 30 }, () => scaler.next(calm));
  expect(changes.slice(0, 29).every(change => change === 0)).toBe(true);
  expect(changes[29]).toBe(-1);
  const busier = { ...calm, busyShare: 0.3 };
  expect(Array.from({ length: 100 }, () => scaler.next(busier)).every(change => change === 0)).toBe(true);
  const least = new ReplicaScaler({ min: 2, max: 3 });
  expect(Array.from({ length: 100 }, () => least.next(calm)).every(change => change === 0)).toBe(true);
});
