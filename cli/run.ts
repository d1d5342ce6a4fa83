import { Command } from 'commander';
import { loadPlan, measureBareDecode, preparePlan } from '../cascade/index.ts';
import { footageHash } from '../ingest/index.ts';
import { answerFootage } from './answer-footage.ts';
import { addFootageOptions, type FootageValues, footageOf } from './footage-options.ts';
import { ProgressBar } from './progress-bar.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { addRunOptions, existingOutputOf, type RunValues } from './run-options.ts';
import { formatRunSummary, summarizeRun } from './run-summary.ts';

interface Values extends FootageValues, RunValues {
  readonly plan: string;
  readonly measureDecode?: boolean;
}

/** `saccade run`: answers a plan's question for every frame of some footage. */
export function createRunCommand(): Command {
  const command = new Command('run')
    .summary('answer a question for every frame')
    .description(
      'Runs a cascade over footage: cheap looks at every frame, the reference model only where they are unsure.\nWrites one decision a frame, saying the label and who gave it.',
    );
  addFootageOptions(command).requiredOption('--plan <file>', 'the plan: question, models and thresholds');
  addRunOptions(command)
    .option('--measure-decode', 'decode the footage once before, and say which share of that rate was reached')
    .addHelpText(
      'after',
      `
Examples:
  $ saccade run --source door.mp4 --plan door.plan.json --out door.jsonl
  $ saccade run --source door.mp4 --plan door.plan.json --out door.jsonl --resume
  $ saccade run --source 'stills/*.jpg' --image-fps 5 --plan door.plan.json --out - | head`,
    )
    .action((values: Values) => runCommand(values, context => run(values, context)));
  return command;
}

async function run(values: Values, { signal, print }: CommandContext): Promise<void> {
  const started = performance.now();
  existingOutputOf(values);
  const { workers, replicas, models, out, source, measureDecode = false } = values;
  const footage = footageOf(values);
  const { streamId: stream } = footage;
  const plan = await preparePlan(await loadPlan(values.plan), { models });
  const footageSha256 = await footageHash(source);
  using progress = new ProgressBar({ what: 'bare decode' });
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  const bareDecode = measureDecode ? await measureBareDecode(footage, { signal, onProgress }) : null;
  progress[Symbol.dispose]();
  const cascade = { plan, footage, workers, replicas };
  const answered = await answerFootage({ run: cascade, values, stream, footageSha256, what: 'cascade', signal });
  const wallSeconds = (performance.now() - started) / 1000;
  const summary = summarizeRun(answered, { source, out, stream, query: plan.plan.name }, { wallSeconds, bareDecode });
  if (out === '-') process.stderr.write(formatRunSummary(summary));
  else print(summary, formatRunSummary(summary));
}
