import type { FootageInfo, FrameTable, OpenFootageOptions } from './footage.ts';
import { openFootage } from './open-footage.ts';

/** Facts about footage, for a person to read. */
export interface FootageProbe {
  readonly info: FootageInfo;
  /** Number of frames. */
  readonly frameCount: number;
  /** Number of keyframes. */
  readonly keyframeCount: number;
  /** Time from a keyframe to the next, or to the end of the footage, in s: how cheaply keyframes alone are read. */
  readonly keyframeInterval: { readonly medianSeconds: number; readonly maxSeconds: number };
  /** Media time of the first frame in µs. */
  readonly startTimeUs: number;
  /** Whether more than 1 % of the steps between frames differ from the usual one by more than 10 % and 2 ms. */
  readonly isVariableFrameRate: boolean;
}

/**
 * Reads what footage contains without decoding it.
 * @throws What `openFootage` throws.
 */
export async function probeFootage(options: OpenFootageOptions): Promise<FootageProbe> {
  const footage = await openFootage(options);
  try {
    return describeFootage(footage.info, footage.table);
  } finally {
    await footage[Symbol.asyncDispose]();
  }
}

/** The same facts of footage that is open already. */
export function describeFootage(info: FootageInfo, table: FrameTable): FootageProbe {
  const { timestampsUs, keyframes } = table;
  const startTimeUs = timestampsUs[0] ?? 0;
  const keyTimesUs = [...Array.from(keyframes, index => timestampsUs[index] ?? 0), startTimeUs + info.durationUs];
  const intervals = steps(keyTimesUs).sort((a, b) => a - b);
  return {
    info,
    frameCount: timestampsUs.length,
    keyframeCount: keyframes.length,
    keyframeInterval: {
      medianSeconds: (intervals[intervals.length >> 1] ?? 0) / 1e6,
      maxSeconds: (intervals.at(-1) ?? 0) / 1e6,
    },
    startTimeUs,
    isVariableFrameRate: isVariable(steps(timestampsUs)),
  };
}

function isVariable(stepsUs: readonly number[]): boolean {
  const usual = [...stepsUs].sort((a, b) => a - b)[stepsUs.length >> 1] ?? 0;
  // Containers round times, Matroska to 1 ms: that alone makes no variable rate.
  const tolerance = Math.max(usual * 0.1, 2000);
  const unusual = stepsUs.filter(step => Math.abs(step - usual) > tolerance).length;
  return unusual > stepsUs.length * 0.01;
}

function steps(times: ArrayLike<number>): number[] {
  return Array.from({ length: Math.max(0, times.length - 1) }, (_, at) => (times[at + 1] ?? 0) - (times[at] ?? 0));
}
