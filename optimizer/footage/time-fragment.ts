import { existsSync } from 'node:fs';
import { optimizerErrors } from '../errors.ts';

/** A path, and the stretch of time that is meant of it. */
export interface TimeFragment {
  readonly path: string;
  /** In s from the first frame, 0 or more, inclusive. */
  readonly fromSeconds: number;
  /** In s from the first frame, above `fromSeconds`, exclusive; infinite when the footage's end is meant. */
  readonly toSeconds: number;
}

const syntax = 'seconds or h:mm:ss, a number before or after the comma, the first below the second';

/**
 * Splits an input into its path and its temporal fragment as W3C Media Fragments 1.0 §4.2.1 writes it in normal play
 * time: `day1.mp4#t=60,600`, `#t=,1:30:00`, `#t=npt:90`. A file that exists under the whole name is that file.
 * @throws OPTIMIZER_TIME_RANGE - when what follows `#t=` is no range of time.
 */
export function parseTimeFragment(input: string): TimeFragment {
  const at = input.lastIndexOf('#t=');
  if (at <= 0 || existsSync(input)) return { path: input, fromSeconds: 0, toSeconds: Number.POSITIVE_INFINITY };
  const [, from, to] = /^(?:npt:)?([\d:.]*)(?:,([\d:.]+))?$/.exec(input.slice(at + 3)) ?? [];
  const fromSeconds = from === '' && to !== undefined ? 0 : secondsOf(from);
  const toSeconds = to === undefined ? Number.POSITIVE_INFINITY : secondsOf(to);
  // A comparison with NaN is false.
  if (fromSeconds < toSeconds) return { path: input.slice(0, at), fromSeconds, toSeconds };
  throw optimizerErrors.create('OPTIMIZER_TIME_RANGE', { input, expected: syntax, got: `"${input.slice(at + 3)}"` });
}

/** `90`, `90.5`, `1:30` or `0:01:30.5` in seconds; NaN for anything else. */
function secondsOf(text = ''): number {
  const [, hours = '0', minutes = '0', seconds = ''] = /^(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d*)?)$/.exec(text) ?? [];
  const isClock = text.includes(':');
  if (seconds === '' || (isClock && Number(seconds) >= 60)) return Number.NaN;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
