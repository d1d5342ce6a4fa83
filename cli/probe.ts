import { Command } from 'commander';
import { type FootageInfo, openFootage } from '../ingest/index.ts';
import { addDecoderOptions, type DecoderValues, footageOf } from './footage-options.ts';
import { formatFacts, mebibytes, short } from './format-table.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

interface Values extends DecoderValues {
  readonly json?: boolean;
}

/** What `saccade probe` prints. */
interface ProbedFootage extends FootageInfo {
  readonly frames: number;
  /** Frames that can be decoded by themselves. */
  readonly keyframes: number;
  /** Greatest distance between two keyframes in frames; null with fewer than two. */
  readonly longestGroup: number | null;
  /** Media time of the first frame in µs. */
  readonly startUs: number;
  /** Whether all frames are equally far apart, to 1 ms. */
  readonly steadyRate: boolean;
}

/** `saccade probe`: what is in a file or folder. */
export function createProbeCommand(): Command {
  const command = new Command('probe')
    .summary('say what is in a file or folder')
    .description('Says what is in a video file or a folder of images, without decoding it.')
    .argument('<path>', 'video file, folder of images, or a pattern of images in quotes');
  return addDecoderOptions(command)
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade probe door.mp4')
    .action((source: string, values: Values) => runCommand(values, context => probe({ ...values, source }, context)));
}

async function probe(values: Values & { source: string }, { print }: CommandContext): Promise<void> {
  await using footage = await openFootage(footageOf(values));
  const { info, table } = footage;
  const { timestampsUs, keyframes } = table;
  const gaps = Array.from(keyframes.subarray(1), (frame, i) => frame - (keyframes[i] ?? 0));
  const steps = Array.from(timestampsUs.subarray(1), (timeUs, i) => timeUs - (timestampsUs[i] ?? 0));
  const stepRangeUs = steps.reduce((most, step) => Math.max(most, step), 0) - steps.reduce((least, step) => Math.min(least, step), Number.POSITIVE_INFINITY);
  const probed: ProbedFootage = {
    ...info,
    frames: timestampsUs.length,
    keyframes: keyframes.length,
    longestGroup: gaps.length === 0 ? null : gaps.reduce((longest, gap) => Math.max(longest, gap), 0),
    startUs: timestampsUs[0] ?? 0,
    steadyRate: steps.length === 0 || stepRangeUs <= 1000,
  };
  print(probed, format(probed));
}

function format(probed: ProbedFootage): string {
  const { width, height, rotationDegrees, frames, frameRateFps, keyframes, longestGroup } = probed;
  const spacing = longestGroup === null ? '' : `, at most ${longestGroup} frames (${short(longestGroup / frameRateFps)} s) apart`;
  return formatFacts([
    ['path', probed.path],
    ['container', `${probed.container}, ${mebibytes(probed.sizeBytes)}`],
    ['video', `${probed.codec}, ${width}×${height} px${rotationDegrees === 0 ? '' : `, turned by ${rotationDegrees}°`}`],
    ['frames', `${frames}, ${short(frameRateFps)} fps${probed.steadyRate ? '' : ' on average (the rate varies)'}`],
    ['length', `${short(probed.durationUs / 1e6)} s, from ${short(probed.startUs / 1e6)} s`],
    ['keyframes', `${keyframes}${spacing}`],
  ]);
}
