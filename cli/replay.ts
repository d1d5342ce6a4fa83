import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command, Option } from 'commander';
import { loadPlan, readStills } from '../cascade/index.ts';
import { sinkErrors, sinkFailure } from '../sinks/index.ts';
import { addDecoderOptions, type DecoderValues, footageOf } from './footage-options.ts';
import { formatFacts, percent } from './format-table.ts';
import { wholeNumber } from './parse-options.ts';
import { ProgressBar } from './progress-bar.ts';
import { chooseStills } from './replay/choose-stills.ts';
import { collectReplay } from './replay/collect-replay.ts';
import { isWrong } from './replay/replay-data.ts';
import { replayPage } from './replay/replay-page.ts';
import { writeReplayVideo } from './replay/write-replay-video.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { addProcessOptions, jsonOption, type ProcessValues } from './run-options.ts';
import { UsageError } from './usage-error.ts';

interface Values extends DecoderValues, ProcessValues {
  readonly out: string;
  readonly labels?: string;
  readonly truth?: string;
  readonly stills: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `saccade replay`: shows what a plan decides, frame by frame. */
export function createReplayCommand(): Command {
  const command = new Command('replay')
    .summary('see what a plan decides, frame by frame')
    .description(
      `Runs a plan over footage and shows its decisions: as a video (.mp4) with the answer, who gave it and what the reference
saw drawn onto each frame, or as a page (.html) with a timeline and a still at each change.`,
    )
    .argument('<plan>', 'plan file')
    .argument('<footage>', 'video file, folder of images, or a pattern of images in quotes')
    .requiredOption('--out <file>', 'file to write, ending in .mp4 or .html')
    .option('--labels <file>', 'decisions that `saccade run` wrote, rather than running the plan')
    .option('--truth <file>', 'what `saccade label` wrote for the same footage: marks mistakes')
    .addOption(new Option('--stills <n>', 'most stills of a page').default(200).argParser(wholeNumber(1)))
    .option('--force', 'replace an output that exists');
  return addProcessOptions(addDecoderOptions(command))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade replay door.plan.json door.mp4 --out door.replay.mp4
  $ saccade replay door.plan.json door.mp4 --labels door.jsonl --truth door.truth.jsonl --out door.html`,
    )
    .action((plan: string, source: string, values: Values) =>
      runCommand(values, context => run({ plan, source }, values, context)),
    );
}

async function run(
  { plan, source }: { plan: string; source: string },
  values: Values,
  { signal, print }: CommandContext,
): Promise<void> {
  const { out, labels, truth, stills: mostStills, force = false } = values;
  const kind = extname(out).toLowerCase();
  if (kind !== '.mp4' && kind !== '.html') throw new UsageError('--out needs a file that ends in .mp4 or .html.');
  if (!force && (await stat(out).catch(() => null)) !== null)
    throw sinkErrors.create('SINK_OUTPUT_EXISTS', { path: out });
  const footage = footageOf({ ...values, source });
  const loaded = await loadPlan(plan);
  const replay = await collectReplay({ loaded, footage, processes: values, labels, truth, signal });
  const { decisions } = replay;
  let shown: number;
  {
    using progress = new ProgressBar({ what: 'replay' });
    const hooks = { signal, onProgress: (done: number, total: number): void => progress.update(done, total) };
    if (kind === '.mp4') shown = await writeReplayVideo({ footage, replay, path: out }, hooks);
    else {
      const chosen = chooseStills(replay, mostStills);
      const images = await readStills(
        { footage, frames: chosen.map(({ frame }) => frame), width: stillWidthPx },
        hooks,
      );
      const stills = chosen.map(decision => ({ decision, image: images.get(decision.frame) }));
      await writeWhole(out, replayPage(replay, stills));
      shown = stills.length;
    }
  }
  const frames = decisions.length;
  const positives = decisions.filter(({ label }) => label).length;
  const mistakes = replay.truth === null ? null : decisions.filter(decision => isWrong(replay, decision)).length;
  print(
    { out, frames, shown, positives, mistakes },
    formatFacts([
      ['frames', `${frames}, ${shown} of them shown`],
      ['label true', `${positives} (${percent(frames > 0 ? positives / frames : null)})`],
      ...(mistakes === null ? [] : ([['other than truth', `${mistakes} (${percent(mistakes / frames)})`]] as const)),
      ['output', out],
    ]),
  );
}

const stillWidthPx = 640;

async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw sinkFailure(path, cause);
  }
}
