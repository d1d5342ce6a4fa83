import { expect, it } from 'vitest';
import { type Interval, IntervalBuilder, intervalSchema } from '../../sinks/index.ts';
import { sampleDecisions } from './sample-decisions.ts';

function intervalsOf(text: string): Interval[] {
  const builder = new IntervalBuilder('person');
  const intervals = sampleDecisions(text).map(decision => builder.push(decision));
  return [...intervals, builder.flush()].filter(interval => interval !== undefined);
}

it('gives longest runs of both labels', () => {
  expect(intervalsOf('=-rRAAr')).toEqual([
    {
      stream: 'door',
      query: 'person',
      label: false,
      startFrame: 0,
      endFrame: 2,
      startUs: 0,
      endUs: 80_000,
      frames: 3,
      peakScore: 0.01,
    },
    {
      stream: 'door',
      query: 'person',
      label: true,
      startFrame: 3,
      endFrame: 5,
      startUs: 120_000,
      endUs: 200_000,
      frames: 3,
      peakScore: 0.99,
    },
    {
      stream: 'door',
      query: 'person',
      label: false,
      startFrame: 6,
      endFrame: 6,
      startUs: 240_000,
      endUs: 240_000,
      frames: 1,
      peakScore: 0.01,
    },
  ]);
});

it('has no peak where no model looked', () => {
  const intervals = intervalsOf('=-=');
  expect(intervals).toMatchObject([{ frames: 3, peakScore: null }]);
  expect(intervals.map(interval => intervalSchema.parse(interval))).toEqual(intervals);
});

it('gives nothing of nothing', () => {
  expect(intervalsOf('')).toEqual([]);
});

it('covers every frame once, whatever the labels', () => {
  for (const text of ['R', 'RrRr', '=A=A', 'RRRR', '-=r-=rRA-']) {
    const covered = intervalsOf(text).flatMap(({ startFrame, frames, label }) =>
      Array.from({ length: frames }, (_, i) => [startFrame + i, label]),
    );
    expect(covered).toEqual(sampleDecisions(text).map(({ frame, label }) => [frame, label]));
  }
});
