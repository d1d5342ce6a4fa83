import { Command, Option } from 'commander';
import { findModel, labelPlan, preparePlan } from '../cascade/index.ts';
import { footageHash } from '../ingest/index.ts';
import { answerFootage } from './answer-footage.ts';
import { addFootageOptions, type FootageValues, footageOf } from './footage-options.ts';
import { wholeNumber } from './parse-options.ts';
import { addQueryOptions, predicateOf, type QueryValues, queryNameOf } from './query-options.ts';
import { openReferenceRun } from './reference-run.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { addCacheOptions, addRunOptions, type CacheValues, existingOutputOf, type RunValues } from './run-options.ts';
import { formatRunSummary, summarizeRun } from './run-summary.ts';

interface Values extends FootageValues, QueryValues, RunValues, CacheValues {
  readonly every: number;
}

/** `saccade label`: what the reference model says of every frame; the truth for everything else. */
export function createLabelCommand(): Command {
  const command = new Command('label')
    .summary('ask the reference model about every frame')
    .description(
      'Asks the reference model about every frame: the truth that cascades are measured against.\nIts answers are kept by footage and model, so that another question about the same footage costs little.',
    );
  addQueryOptions(addFootageOptions(command)).addOption(
    new Option('--every <n>', 'ask about every n-th frame; only 1 gives the truth')
      .default(1)
      .argParser(wholeNumber(1)),
  );
  addCacheOptions(addRunOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  $ saccade label --source door.mp4 --reference yolox-s --label person --out door.truth.jsonl
  $ saccade label --source door.mp4 --reference yolox-s --label person --min-height 0.2 \\
      --zone "0.2,0.5 0.8,0.5 0.8,1 0.2,1" --out near.truth.jsonl`,
    )
    .action((values: Values) => runCommand(values, context => label(values, context)));
  return command;
}

async function label(values: Values, { signal, print }: CommandContext): Promise<void> {
  const started = performance.now();
  existingOutputOf(values);
  const { workers, replicas, device, models, out, source, every } = values;
  const footage = footageOf(values);
  const { streamId: stream } = footage;
  const { declaration } = await findModel(values.reference, models);
  const loaded = labelPlan({
    name: queryNameOf(values),
    predicate: predicateOf(values),
    model: values.reference,
    declaration,
    every,
    smoothingMs: values.smoothing,
  });
  const plan = await preparePlan(loaded, { models });
  const footageSha256 = await footageHash(source);
  await using reference = await openReferenceRun({ plan, footageSha256, cache: values.cache });
  const cascade = { ...reference.options, footage, workers, replicas, device };
  const answered = await answerFootage({ run: cascade, values, stream, footageSha256, what: 'reference', signal });
  await reference.flush();
  const wallSeconds = (performance.now() - started) / 1000;
  const summary = summarizeRun(
    answered,
    { source, out, stream, query: queryNameOf(values) },
    { wallSeconds, bareDecode: null },
  );
  if (out === '-') process.stderr.write(formatRunSummary(summary));
  else print(summary, formatRunSummary(summary));
}
