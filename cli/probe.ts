import { Command } from 'commander';
import { type FootageProbe, probeFootage } from '../ingest/index.ts';
import { addDecoderOptions, type DecoderValues, footageOf } from './footage-options.ts';
import { formatFacts, mebibytes, short } from './format-table.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

interface Values extends DecoderValues {
  readonly json?: boolean;
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
  const probed = await probeFootage(footageOf(values));
  print(probed, format(probed));
}

function format({
  info,
  frameCount,
  keyframeCount,
  keyframeInterval,
  startTimeUs,
  isVariableFrameRate,
}: FootageProbe): string {
  const { path, container, codec, width, height, rotationDegrees, frameRateFps, durationUs, sizeBytes } = info;
  const { medianSeconds, maxSeconds } = keyframeInterval;
  return formatFacts([
    ['path', path],
    ['container', `${container}, ${mebibytes(sizeBytes)}`],
    ['video', `${codec}, ${width}×${height} px${rotationDegrees === 0 ? '' : `, turned by ${rotationDegrees}°`}`],
    [
      'frames',
      `${frameCount}, ${short(frameRateFps)} fps${isVariableFrameRate ? ' on average (the rate varies)' : ''}`,
    ],
    ['length', `${short(durationUs / 1e6)} s, from ${short(startTimeUs / 1e6)} s on`],
    ['keyframes', `${keyframeCount}, usually ${short(medianSeconds)} s apart, at most ${short(maxSeconds)} s`],
  ]);
}
