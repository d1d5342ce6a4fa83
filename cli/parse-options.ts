import { InvalidArgumentError } from 'commander';
import type { ZonePoint } from '../cascade/index.ts';

/** Reads a whole number of `least` or more from an option. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`);
  };
}

/** Reads a number from 0 to 1 from an option. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

/** Reads a number above 0 from an option. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** Reads a duration such as `1s`, `500ms` or `2min` from an option; in ms, 0 or more. A bare `0` needs no unit. */
export function durationMs(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|min)?$/.exec(text.trim()) ?? [];
  const factor = { ms: 1, s: 1000, min: 60_000 }[unit];
  if (digits !== undefined && factor !== undefined) return Number(digits) * factor;
  if (Number(digits) === 0) return 0;
  throw new InvalidArgumentError('Expected a duration with its unit, such as 1s, 500ms or 2min.');
}

/** Reads a polygon such as `0.1,0.5 0.9,0.5 0.5,1` from an option: points as shares of the frame, x,y. */
export function zone(text: string): readonly ZonePoint[] {
  const points = text
    .trim()
    .split(/\s+/)
    .map((point): ZonePoint => {
      const [x = Number.NaN, y = Number.NaN, ...more] = point.split(',').map(part => share(part));
      if (Number.isNaN(x) || Number.isNaN(y) || more.length > 0)
        throw new InvalidArgumentError('Expected points "x,y".');
      return [x, y];
    });
  if (points.length >= 3) return points;
  throw new InvalidArgumentError('Expected 3 or more points "x,y", each from 0 to 1, such as "0.1,0.5 0.9,0.5 0.5,1".');
}
