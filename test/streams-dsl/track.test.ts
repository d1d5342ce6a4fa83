import { of, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import type { Decision, Detection } from '../../cascade/index.ts';
import { ConstantVelocityFilter } from '../../streams-dsl/constant-velocity-filter.ts';
import { type TrackOptions, track, zone } from '../../streams-dsl/index.ts';
import { seeded } from '../cascade/random.ts';
import { person, referenced, specialized } from './sample-stream.ts';

/** The tracks of the detections of each decision; null: no detections. */
function tracks(decisions: readonly Decision[], options?: TrackOptions): unknown[] {
  let out: unknown[] = [];
  of(...decisions)
    .pipe(track(options), toArray())
    .subscribe(tracked => {
      out = tracked.map(item => ('detections' in item ? item.detections.map(detection => detection.track) : null));
    });
  return out;
}

const unchanged = (frame: number): Decision => {
  const { stream, timestampUs, label, rawLabel } = referenced(frame, true);
  return { stream, frame, timestampUs, label, rawLabel, decidedBy: 'unchanged', difference: 0, inheritedFrom: 0 };
};

it('follows objects that cross each other, whatever order they come in', () => {
  const decisions = Array.from({ length: 30 }, (_, frame) => {
    // Two walkers in different lanes, a third one enters later.
    const a = person(0.02 * frame);
    const b = { ...person(0.7 - 0.02 * frame), box: { x: 0.7 - 0.02 * frame, y: 0.5, width: 0.1, height: 0.4 } };
    const detections = frame < 10 ? [a, b] : [b, a, { ...person(0.9), label: 'dog' }];
    return referenced(frame, true, detections);
  });
  const numbers = tracks(decisions);
  expect(numbers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => [1, 2]));
  expect(numbers.slice(10)).toEqual(Array.from({ length: 20 }, () => [2, 1, 3]));
});

it('bridges gaps by where the object is expected, up to maxGap', () => {
  // 0.03 of the frame a step: after 6 steps the box has moved by nearly two widths, so only the prediction finds it.
  const walk = (frame: number): Detection[] => (frame >= 12 && frame < 18 ? [] : [person(0.03 * frame)]);
  const decisions = Array.from({ length: 25 }, (_, frame) => referenced(frame, true, walk(frame)));
  expect(tracks(decisions).flat()).toEqual(Array.from({ length: 19 }, () => 1));
  expect(new Set(tracks(decisions, { maxGap: '500ms' }).flat())).toEqual(new Set([1, 2]));
});

it('gives numbers by stream, and starts anew when the clock is set back', () => {
  const still = [person(0.5)];
  const seconds = 10;
  expect(
    tracks([
      referenced(200, true, still),
      referenced(200, true, still, 'yard'),
      referenced(201, true, still),
      referenced(0, true, still),
      referenced(1, true, still),
      referenced(2 + seconds * 10, true, still),
    ]),
  ).toEqual([[1], [1], [1], [2], [2], [3]]);
});

it('takes frames in which nothing has changed for sightings, others not', () => {
  const still = [person(0.5)];
  const quiet = Array.from({ length: 50 }, (_, i) => unchanged(i + 1));
  expect(tracks([referenced(0, true, still), ...quiet, referenced(51, true, still)])).toEqual([
    [1],
    ...quiet.map(() => null),
    [1],
  ]);
  const empty = Array.from({ length: 50 }, (_, i) => specialized(i + 1, 0.1));
  expect(tracks([referenced(0, true, still), ...empty, referenced(51, true, still)]).at(-1)).toEqual([2]);
});

it('filters as the matrices of a Kalman filter do', () => {
  const random = seeded(7);
  const noise = 0.02;
  const acceleration = 0.3;
  const filter = new ConstantVelocityFilter(0.5, noise);
  type Matrix = [[number, number], [number, number]];
  let x = [0.5, 0];
  let p: Matrix = [
    [noise ** 2, 0],
    [0, (37.5 * noise) ** 2],
  ];
  const multiply = (a: Matrix, b: Matrix): Matrix => [
    [a[0][0] * b[0][0] + a[0][1] * b[1][0], a[0][0] * b[0][1] + a[0][1] * b[1][1]],
    [a[1][0] * b[0][0] + a[1][1] * b[1][0], a[1][0] * b[0][1] + a[1][1] * b[1][1]],
  ];
  for (let step = 0; step < 50; step++) {
    const dt = 0.05 + random() * 0.2;
    const f: Matrix = [
      [1, dt],
      [0, 1],
    ];
    x = [(x[0] ?? 0) + dt * (x[1] ?? 0), x[1] ?? 0];
    p = multiply(multiply(f, p), [
      [1, 0],
      [dt, 1],
    ]);
    const q = [dt ** 3 / 3, dt ** 2 / 2, dt].map(part => part * acceleration);
    p = [
      [p[0][0] + (q[0] ?? 0), p[0][1] + (q[1] ?? 0)],
      [p[1][0] + (q[1] ?? 0), p[1][1] + (q[2] ?? 0)],
    ];
    filter.predict(dt, acceleration);
    expect(filter.value).toBeCloseTo(x[0] ?? 0, 10);

    const measured = 0.5 + 0.3 * step * 0.1 + (random() - 0.5) * 0.05;
    const s = p[0][0] + noise ** 2;
    const k = [p[0][0] / s, p[1][0] / s];
    const y = measured - (x[0] ?? 0);
    x = [(x[0] ?? 0) + (k[0] ?? 0) * y, (x[1] ?? 0) + (k[1] ?? 0) * y];
    p = multiply(
      [
        [1 - (k[0] ?? 0), 0],
        [-(k[1] ?? 0), 1],
      ],
      p,
    );
    filter.correct(measured, noise);
    expect(filter.value).toBeCloseTo(x[0] ?? 0, 10);
  }
});

it('keeps the detections that stand in a zone, and passes what has none', () => {
  const left = [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ] as const;
  // The middle of the lower edge counts: 0.45 + 0.05 is on the border.
  const decisions = [referenced(0, true, [person(0.1), person(0.45), person(0.46)]), specialized(1, 0.9)];
  let out: Decision[] = [];
  of(...decisions)
    .pipe(zone(left), toArray())
    .subscribe(items => (out = items));
  expect(out[0]).toEqual({ ...decisions[0], detections: [person(0.1), person(0.45)] });
  expect(out[1]).toBe(decisions[1]);
  // The feet must be inside: this one ends below the zone.
  of(referenced(0, true, [person(0.1)]))
    .pipe(
      zone([
        [0, 0],
        [1, 0],
        [1, 0.5],
      ]),
      toArray(),
    )
    .subscribe(items => (out = items));
  expect(out[0]).toMatchObject({ detections: [] });
});
