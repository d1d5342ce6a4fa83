import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { events } from '../../streams-dsl/index.ts';
import { KeptState } from '../../streams-dsl/kept-state.ts';
import { type FrameAnswer, FrameLabeler } from '../../streams-dsl/runtime/frame-labeler.ts';
import { specialized } from './sample-stream.ts';

/** Whatever is kept goes through JSON. */
const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Answers whose labels stay and flicker, some carried from earlier frames. */
const answers = Array.from({ length: 120 }, (_, frame): FrameAnswer => {
  const base = { stream: 'door', frame, timestampUs: frame * 100_000 };
  if (frame % 3 !== 0) return { ...base, decidedBy: 'skipped' };
  if (frame % 5 === 0 && frame >= 12)
    return { ...base, decidedBy: 'unchanged', difference: 1, inheritedFrom: frame - 12 };
  const isHigh = (frame * 7919) % 31 > 15;
  return { ...base, decidedBy: isHigh ? 'accepted' : 'rejected', difference: null, confidence: isHigh ? 0.9 : 0.1 };
});

it.each([0, 300, 1000])('a labeler goes on as another, wherever it is cut, smoothed over %i ms', smoothingMs => {
  const whole = new FrameLabeler({ label: 'person' }, smoothingMs);
  const expected = answers.flatMap(answer => whole.push(answer));
  for (let cut = 0; cut < answers.length; cut++) {
    const before = new FrameLabeler({ label: 'person' }, smoothingMs);
    const first = answers.slice(0, cut).flatMap(answer => before.push(answer));
    const after = new FrameLabeler({ label: 'person' }, smoothingMs, throughJson(before.state));
    expect([...first, ...answers.slice(cut).flatMap(answer => after.push(answer))]).toEqual(expected);
  }
});

it('events go on as others, wherever they are cut', () => {
  const decisions = answers.map(({ frame }) =>
    specialized(frame, (Math.floor(frame / 4) * 7919) % 31 > 15 ? 0.9 : 0.1),
  );
  const run = (part: readonly Decision[], kept: unknown): { told: unknown[]; kept: unknown } => {
    const state = new KeptState();
    if (kept !== undefined) state.restore(new Map([['door', kept]]));
    const source = new Subject<Decision>();
    const told: unknown[] = [];
    const operator = events({ minDuration: '200ms', mergeGap: '100ms', cooldown: '300ms' }).forQuery('q').keptIn(state);
    source.pipe(operator).subscribe(event => told.push(event));
    for (const decision of part) source.next(decision);
    return { told, kept: throughJson(state.save('door') ?? null) };
  };
  const expected = run(decisions, undefined).told;
  expect(expected.length).toBeGreaterThan(3);
  for (let cut = 1; cut < decisions.length; cut++) {
    const first = run(decisions.slice(0, cut), undefined);
    expect([...first.told, ...run(decisions.slice(cut), first.kept).told]).toEqual(expected);
  }
});
