import { checkOptions, durationRule, integerRule, optional, optionError } from './check-options.ts';
import { type Duration, durationUs } from './duration.ts';

/** Windows of stream time; the first one that could be begins at 0. */
export interface TimeWindowOptions {
  /** Time from the beginning of one window to that of the next, at least 1 ms. */
  readonly every: Duration;
  /** How long a window is, at least `every`; more than it makes windows that overlap. Default `every`. */
  readonly length?: Duration;
  /** How far items may be out of order; a window is given out so much later. Default 0. */
  readonly lateness?: Duration;
  readonly frames?: never;
}

/** Windows of so many items, in the order of their arrival. */
export interface FrameWindowOptions {
  /** Items a window, 1 or more. */
  readonly frames: number;
  /** Items from the beginning of one window to that of the next, from 1 to `frames`. Default `frames`. */
  readonly every?: number;
}

/** Checked windows, made by {@link window}. */
export interface Window {
  readonly kind: 'time' | 'frames';
  /** From beginning to beginning: µs of stream time, or items. */
  readonly every: number;
  /** Length: µs of stream time, or items; at least `every`. */
  readonly length: number;
  /** How far items may be out of order in µs; 0 for windows of items. */
  readonly latenessUs: number;
}

/**
 * Cuts a stream into windows of stream time (`{ every: '1m' }`, never the machine's clock) or of items
 * (`{ frames: 30 }`). A length above the step makes them overlap: `{ every: '10s', length: '1m' }`.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit.
 */
export function window(options: TimeWindowOptions | FrameWindowOptions): Window {
  if (typeof options === 'object' && options !== null && isFrames(options)) {
    checkOptions('window', options, { frames: integerRule(1), every: optional(integerRule(1)) });
    const { frames, every = frames } = options;
    if (every > frames) throw optionError('window', 'every', every, `at most ${frames}, the frames of a window`);
    return { kind: 'frames', every, length: frames, latenessUs: 0 };
  }
  const rules = { every: durationRule(1), length: optional(durationRule(1)), lateness: optional(durationRule()) };
  checkOptions('window', options, rules);
  const every = durationUs(options.every);
  const length = durationUs(options.length ?? options.every);
  if (length < every) throw optionError('window', 'length', options.length, `at least ${options.every}, the step`);
  return { kind: 'time', every, length, latenessUs: durationUs(options.lateness ?? 0) };
}

function isFrames(options: TimeWindowOptions | FrameWindowOptions): options is FrameWindowOptions {
  return options.frames !== undefined;
}
