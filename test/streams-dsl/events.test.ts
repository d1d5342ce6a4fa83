import { concat, of, throwError, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { type EventsOptions, events, map, type SaccadeEvent, track } from '../../streams-dsl/index.ts';
import { seeded } from '../cascade/random.ts';
import { recordDrops } from './record-drops.ts';
import { person, referenced, specialized } from './sample-stream.ts';

function collect(decisions: readonly Decision[], options: EventsOptions): SaccadeEvent[] {
  let out: SaccadeEvent[] = [];
  of(...decisions)
    .pipe(events(options), toArray())
    .subscribe(told => (out = told));
  return out;
}

const phaseOf = (event: SaccadeEvent): string => event.type.slice('io.saccade.event.'.length);

it('gives what a batch computation gives', () => {
  let count = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const pick = (values: readonly number[]): number => values[Math.floor(random() * values.length)] ?? 0;
    const minDuration = pick([0, 300, 1000]);
    const mergeGap = pick([0, 250, 900]);
    const cooldown = pick([0, 1000, 3000]);
    const updateEvery = pick([200, 700, 5000]);
    const stopThreshold = pick([0.3, 0.5, 0.7]);
    let score = 0.5;
    let frame = 0;
    const decisions = Array.from({ length: 120 }, () => {
      score = Math.min(1, Math.max(0, score + (random() - 0.5) * 0.5));
      frame += 1 + Math.floor(random() * 3);
      return specialized(frame, score);
    });

    // Naive: first which frames are above, then runs of them.
    let isAbove = false;
    const above = decisions.filter(decision => {
      const level = decision.decidedBy === 'accepted' || decision.decidedBy === 'rejected' ? decision.confidence : 0;
      isAbove = level >= (isAbove ? stopThreshold : 0.7);
      return isAbove;
    });
    const expected: unknown[] = [];
    let from = 0;
    let notBeforeUs = Number.NEGATIVE_INFINITY;
    while (from < above.length) {
      const first = above[from] as Decision;
      let to = from;
      const isCut = (i: number): boolean => {
        const [before, after] = [above[i], above[i + 1]];
        if (before === undefined || after === undefined) return true;
        const between = decisions.some(x => x.frame > before.frame && x.frame < after.frame);
        return between && after.timestampUs - before.timestampUs > mergeGap * 1000;
      };
      if (first.timestampUs < notBeforeUs) {
        from++;
        continue;
      }
      while (!isCut(to)) to++;
      const run = above.slice(from, to + 1);
      from = to + 1;
      const last = run.at(-1) as Decision;
      const started = run.find(x => x.timestampUs - first.timestampUs >= minDuration * 1000);
      if (started === undefined) continue;
      notBeforeUs = last.timestampUs + cooldown * 1000;
      expected.push(['started', first.frame, null]);
      let toldUs = started.timestampUs;
      for (const x of run) {
        if (x.timestampUs - toldUs < updateEvery * 1000) continue;
        toldUs = x.timestampUs;
        expected.push(['updated', first.frame, null]);
      }
      expected.push(['ended', first.frame, last.frame]);
    }

    const told = collect(decisions, {
      startThreshold: 0.7,
      stopThreshold,
      minDuration,
      mergeGap,
      cooldown,
      updateEvery,
    });
    expect(told.map(event => [phaseOf(event), event.data.startFrame, event.data.endFrame])).toEqual(expected);
    count += expected.length;
  }
  expect(count).toBeGreaterThan(500);
});

const toPhase = map((event: SaccadeEvent) => {
  const { startFrame, endFrame } = event.data;
  return `${phaseOf(event)} ${startFrame}${endFrame === null ? '' : `-${endFrame}`}`;
});

it('tells of an event once it has lasted long enough, and of its end once the gap is over, or the stream', () => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
    const signs = [...'0110111000111'];
    const decisions = Object.fromEntries(signs.map((sign, i) => [i.toString(36), referenced(i, sign === '1')]));
    const source = cold('0123456789abc--|', decisions);
    const told = source.pipe(events({ minDuration: '400ms', mergeGap: '200ms', cooldown: 0 }), toPhase);
    // Frames 1 to 6: 400 ms old at frame 5, interrupted for more than 200 ms at frame 9; the rest is too short.
    expectObservable(told).toBe('-----s---e-----|', { s: 'started 1', e: 'ended 1-6' });
    const short = source.pipe(events({ minDuration: '200ms', mergeGap: '200ms', cooldown: 0 }), toPhase);
    expectObservable(short).toBe('----s----e--t--(f|)', {
      s: 'started 1',
      e: 'ended 1-6',
      t: 'started 10',
      f: 'ended 10-12',
    });
  });
});

it('tells CloudEvents 1.0 of the best frame, with ids that a repeated run gives again', () => {
  const decisions = [
    specialized(0, 0.9),
    { ...referenced(1, true, [person(0.1, 0.7), { ...person(0.3, 0.95), label: 'dog' }]), score: 0.7 } as Decision,
    referenced(2, true, [person(0.2, 0.8)]),
    specialized(3, 0.99),
  ];
  const options: EventsOptions = { query: 'person-at-door', label: 'person', minDuration: '300ms' };
  const [started, ended] = collect(decisions, { ...options, startTime: new Date('2026-03-01T12:00:00Z') });
  expect(started).toEqual({
    specversion: '1.0',
    id: `${started?.data.event}-0`,
    source: '/streams/door',
    type: 'io.saccade.event.started',
    time: '2026-03-01T12:00:00.000Z',
    datacontenttype: 'application/json',
    sequence: '000000',
    partitionkey: 'door',
    data: {
      schema: 'saccade/event/1',
      event: expect.stringMatching(/^[0-9a-f]{32}$/),
      stream: 'door',
      query: 'person-at-door',
      label: 'person',
      score: 0.8,
      clock: 'wall',
      start: '2026-03-01T12:00:00.000Z',
      end: null,
      startUs: 0,
      endUs: null,
      startFrame: 0,
      endFrame: null,
      peakFrame: 2,
      peakFrameTime: '2026-03-01T12:00:00.200Z',
      box: { x: 0.2, y: 0.2, w: 0.1, h: 0.4 },
      track: null,
      decidedBy: { stage: 'referenced' },
    },
  });
  expect(ended).toMatchObject({
    id: `${started?.data.event}-1`,
    time: '2026-03-01T12:00:00.300Z',
    sequence: '000001',
    data: { end: '2026-03-01T12:00:00.300Z', endUs: 300_000, endFrame: 3 },
  });
  const again = collect(decisions, options);
  expect(again.map(event => event.id)).toEqual([started?.id, ended?.id]);
  expect(again[0]).toMatchObject({ time: '1970-01-01T00:00:00.000Z', data: { clock: 'media' } });
  const other = collect(decisions, { ...options, query: 'other' });
  expect(other[0]?.id).not.toBe(started?.id);
});

it('names the track of the object, and streams for themselves', () => {
  const decisions = [0, 1, 2].flatMap(frame => [
    referenced(frame, true, [person(0.1)], 'front door'),
    referenced(frame, frame > 0, [], 'yard'),
  ]);
  let out: SaccadeEvent[] = [];
  const startTime = (stream: string): Date => new Date(stream === 'yard' ? 1000 : 2000);
  of(...decisions)
    .pipe(track(), events({ minDuration: 0, startTime }), toArray())
    .subscribe(told => (out = told));
  expect(out.map(event => [event.source, event.subject, phaseOf(event), event.time])).toEqual([
    ['/streams/front%20door', '1', 'started', '1970-01-01T00:00:02.000Z'],
    ['/streams/yard', undefined, 'started', '1970-01-01T00:00:01.100Z'],
    ['/streams/front%20door', '1', 'ended', '1970-01-01T00:00:02.200Z'],
    ['/streams/yard', undefined, 'ended', '1970-01-01T00:00:01.200Z'],
  ]);
});

it('takes its name from the pipeline, unless it has one', () => {
  const named = events({ minDuration: 0 }).forQuery('door-watch');
  let out: SaccadeEvent[] = [];
  of(referenced(0, true))
    .pipe(named, toArray())
    .subscribe(told => (out = told));
  expect(out[0]?.data.query).toBe('door-watch');
  expect(named.description.options['query']).toBe('door-watch');
  expect(events({ query: 'mine' }).forQuery('door-watch').description.options['query']).toBe('mine');
});

it('carries scores through frames that no model looked at; what is like the empty scene scores 0', () => {
  const base = (frame: number) => {
    const { stream, timestampUs } = referenced(frame, true);
    return { stream, frame, timestampUs, label: true, rawLabel: true };
  };
  const decisions: Decision[] = [
    specialized(0, 0.9),
    { ...base(1), decidedBy: 'skipped', inheritedFrom: 0 },
    { ...base(2), decidedBy: 'failed', code: 'X', message: 'x', inheritedFrom: 0 },
    { ...base(3), decidedBy: 'defaulted', reason: 'x', inheritedFrom: 0 },
    { ...base(4), decidedBy: 'unchanged', difference: 0, inheritedFrom: 0 },
    { ...base(5), decidedBy: 'unchanged', difference: 0, inheritedFrom: null },
    specialized(6, 0.1),
  ];
  const told = collect(decisions, { startThreshold: 0.8, minDuration: 0, mergeGap: 0 });
  expect(told.map(event => [phaseOf(event), event.data.endFrame])).toEqual([
    ['started', null],
    ['ended', 4],
  ]);
});

it('drops what is out of order, ends when the clock is set back, and tells nothing after an error', () => {
  using record = recordDrops();
  const decisions = [
    referenced(200, true),
    referenced(210, true),
    referenced(205, false),
    referenced(0, true),
    referenced(1, true),
  ];
  const told = collect(decisions, { minDuration: 0 });
  expect(told.map(event => [phaseOf(event), event.data.startFrame, event.data.endFrame])).toEqual([
    ['started', 200, null],
    ['ended', 200, 210],
    ['started', 0, null],
    ['ended', 0, 1],
  ]);
  expect(record.drops).toMatchObject([{ reason: 'late', item: { frame: 205 }, operator: { kind: 'events' } }]);
  const phases: string[] = [];
  concat(
    of(referenced(0, true)),
    throwError(() => new Error('lost')),
  )
    .pipe(events({ minDuration: 0 }))
    .subscribe({ next: event => phases.push(phaseOf(event)), error: () => phases.push('error') });
  expect(phases).toEqual(['started', 'error']);
});
