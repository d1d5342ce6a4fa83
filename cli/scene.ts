import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { averageEmptyScene } from '../cascade/index.ts';
import { readDecisions, sinkFailure } from '../sinks/index.ts';
import { addFootageOptions, type FootageValues, footageOf } from './footage-options.ts';
import { formatFacts } from './format-table.ts';
import { wholeNumber } from './parse-options.ts';
import { ProgressBar } from './progress-bar.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

interface Values extends FootageValues {
  readonly labels: string;
  readonly out: string;
  readonly frames: number;
  readonly json?: boolean;
}

/** `saccade scene`: the average empty scene, for plans that compare with it. */
export function createSceneCommand(): Command {
  const command = new Command('scene')
    .summary('average the empty scene')
    .description(
      'Averages the frames in which there is nothing to see into a picture, for plans that compare with it.',
    );
  return addFootageOptions(command)
    .requiredOption('--labels <file>', 'labels of this footage, from `saccade label`')
    .requiredOption('--out <file>', 'PNG file to write; replaced if it exists')
    .addOption(new Option('--frames <n>', 'most frames to average').default(500).argParser(wholeNumber(1)))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ saccade scene --source door.mp4 --labels door.truth.jsonl --out door.scene.png',
    )
    .action((values: Values) => runCommand(values, context => run(values, context)));
}

async function run(values: Values, { signal, print }: CommandContext): Promise<void> {
  const labels = await readDecisions(values.labels);
  using progress = new ProgressBar({ what: 'empty scene' });
  const { image, frames } = await averageEmptyScene(
    { footage: footageOf(values), labels, maxFrames: values.frames },
    { signal, onProgress: (done, total) => progress.update(done, total) },
  );
  progress[Symbol.dispose]();
  const { out } = values;
  await writeFile(out, image).catch(cause => Promise.reject(sinkFailure(out, cause)));
  const sha256 = createHash('sha256').update(image).digest('hex');
  print(
    { image: out, sha256, frames },
    formatFacts([
      ['image', out],
      ['sha256', sha256],
      ['frames', String(frames)],
    ]),
  );
}
