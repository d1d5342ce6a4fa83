import { expect, test } from 'vitest';
import { DeadlineQueue, type Due } from '../../../cascade/models/deadline-queue.ts';
import { seeded } from '../random.ts';

test('gives what is due first, and of equal ones what came first', () => {
  const next = seeded(7);
  const queue = new DeadlineQueue<Due>();
  let waiting: Due[] = [];
  let order = 0;
  for (let i = 0; i < 3000; i++) {
    if (next() < 0.55) {
      const dueMs = next() < 0.2 ? Number.POSITIVE_INFINITY : Math.floor(next() * 20);
      const item = { dueMs, order: order++ };
      queue.push(item);
      waiting.push(item);
    } else {
      const [first] = [...waiting].sort((a, b) => (a.dueMs === b.dueMs ? a.order - b.order : a.dueMs - b.dueMs));
      expect(queue.first).toBe(first);
      expect(queue.shift()).toBe(first);
      waiting = waiting.filter(item => item !== first);
    }
    expect(queue.size).toBe(waiting.length);
  }
  expect(new Set(queue.clear())).toEqual(new Set(waiting));
  expect(queue.shift()).toBeUndefined();
});
