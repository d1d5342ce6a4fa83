import { describe, expect, it } from 'vitest';
import { type Clock, LiveGate, type LiveOptions } from '../../ingest/index.ts';

/** A gate with a clock that is turned by hand. */
function gateAt(options: LiveOptions): { gate: LiveGate<number>; at(ms: number): void } {
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, after: () => () => undefined };
  return { gate: new LiveGate<number>(options, clock), at: ms => (nowMs = ms) };
}

describe('the gate of a live source', () => {
  it('auto: serves all in order while none is older than the bound, and drops those that are', () => {
    const { gate, at } = gateAt({});
    for (let i = 0; i < 10; i++) {
      at(i * 100);
      gate.offer(i);
    }
    // At 1000 ms, frames 0–4 (0–400 ms) have waited longer than 500 ms; frame 5 exactly as long.
    at(1000);
    expect(gate.take()).toBe(5);
    expect(gate.dropped).toEqual({ stale: 5, superseded: 0, full: 0 });
    expect(gate.take()).toBe(6);
    at(1401);
    expect(gate.take()).toBeUndefined();
    expect([gate.dropped.stale, gate.waiting]).toEqual([8, 0]);
  });

  it('auto: under overload no served frame is older than the bound, at any speed of the consumer', () => {
    for (const consumerMs of [10, 40, 90, 300, 700]) {
      const { gate, at } = gateAt({ stalenessMs: 200 });
      let served = 0;
      let next = 0;
      for (let ms = 0; ms < 10_000; ms++) {
        at(ms);
        if (ms % 40 === 0) gate.offer(ms);
        if (ms < next) continue;
        const frame = gate.take();
        if (frame === undefined) continue;
        expect(ms - frame).toBeLessThanOrEqual(200);
        served++;
        next = ms + consumerMs;
      }
      const { stale, superseded, full } = gate.dropped;
      expect(served + stale + gate.waiting).toBe(250);
      expect([superseded, full]).toEqual([0, 0]);
      if (consumerMs <= 40) expect(stale).toBe(0);
    }
  });

  it('every-frame: serves all whatever their age, and drops the newest when the queue is full', () => {
    const { gate, at } = gateAt({ mode: 'every-frame', limit: 3 });
    for (let i = 0; i < 5; i++) gate.offer(i);
    at(60_000);
    expect([gate.take(), gate.take(), gate.take(), gate.take()]).toEqual([0, 1, 2, undefined]);
    expect(gate.dropped).toEqual({ stale: 0, superseded: 0, full: 2 });
  });

  it('auto: a full queue drops the oldest', () => {
    const { gate } = gateAt({ limit: 3 });
    for (let i = 0; i < 5; i++) gate.offer(i);
    expect(gate.take()).toBe(2);
    expect(gate.dropped).toEqual({ stale: 0, superseded: 0, full: 2 });
  });

  it('freshest: the newest alone', () => {
    const { gate } = gateAt({ mode: 'freshest' });
    for (let i = 0; i < 5; i++) gate.offer(i);
    expect([gate.take(), gate.take()]).toEqual([4, undefined]);
    expect(gate.dropped).toEqual({ stale: 0, superseded: 4, full: 0 });
  });

  it('gives frames as they are asked for, until its end or the signal', async () => {
    const { gate } = gateAt({});
    const leave = new AbortController();
    const batches = gate.batches(leave.signal);
    gate.offer(1);
    expect(await batches.next()).toEqual({ done: false, value: [1] });
    const waiting = batches.next();
    gate.offer(2);
    expect((await waiting).value).toEqual([2]);
    const last = batches.next();
    leave.abort();
    expect((await last).done).toBe(true);
    const ended = gateAt({}).gate;
    ended.offer(3);
    ended.end();
    const rest: number[] = [];
    for await (const batch of ended.batches(new AbortController().signal)) rest.push(...batch);
    expect(rest).toEqual([3]);
  });
});
