import { Command, Option } from 'commander';
import {
  type CascadePlan,
  type Evaluation,
  evaluate,
  type PlanExpectation,
  type RateBounds,
} from '../cascade/index.ts';
import { readDecisions } from '../sinks/index.ts';
import { answerAndLabel, type MeasuredRun } from './answer-and-label.ts';
import { addDecoderOptions, type DecoderValues } from './footage-options.ts';
import { formatFacts, formatTable, percent, short } from './format-table.ts';
import { durationMs, wholeNumber } from './parse-options.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { addCacheOptions, addProcessOptions, type CacheValues, jsonOption, type ProcessValues } from './run-options.ts';
import { UsageError } from './usage-error.ts';

interface Values extends DecoderValues, ProcessValues, CacheValues {
  readonly labels?: string;
  readonly truth?: string;
  readonly plan?: string;
  readonly source?: string;
  readonly window: number;
  readonly agreement: number;
  readonly block: number;
  readonly json?: boolean;
}

/** `saccade evaluate`: how good answers are, measured against truth. */
export function createEvaluateCommand(): Command {
  const command = new Command('evaluate')
    .summary('compare answers with the truth')
    .description(
      `Compares the answers of a cascade with the truth, frame by frame, with bounds over blocks of time.
Takes rows that were written before (--labels, --truth), or runs a plan over new footage (--plan, --source) and asks the
plan's own reference about every frame; its answers are kept, as those of \`saccade label\` are.`,
    )
    .option('--labels <file>', 'what `saccade run` wrote')
    .option('--truth <file>', 'what `saccade label` wrote for the same footage')
    .option('--plan <file>', 'the plan to evaluate')
    .option('--source <path>', 'the footage to evaluate it on: video file, folder of images, or a pattern of images')
    .addOption(new Option('--window <n>', 'frames of a window of agreement').default(30).argParser(wholeNumber(1)))
    .addOption(
      new Option('--agreement <n>', 'frames of a window that must agree').default(28).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--block <time>', 'blocks of time that bounds are taken over')
        .default(10_000, '10s')
        .argParser(durationMs),
    );
  return addCacheOptions(addProcessOptions(addDecoderOptions(command)))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade evaluate --labels door.jsonl --truth door.truth.jsonl
  $ saccade evaluate --labels door.jsonl --truth door.truth.jsonl --json | jq .smoothed.falseNegativeRate
  $ saccade evaluate --plan door.plan.json --source tuesday.mp4`,
    )
    .action((values: Values) => runCommand(values, context => run(values, context)));
}

async function run(values: Values, { signal, print }: CommandContext): Promise<void> {
  const options = {
    windowFrames: values.window,
    windowAgreement: values.agreement,
    blockUs: values.block * 1000,
  };
  const { labels, truth, plan, source } = values;
  const isAnyRows = labels !== undefined || truth !== undefined;
  if (plan !== undefined && source !== undefined && !isAnyRows) {
    const { answers, truth: expected, ...measured } = await answerAndLabel({ ...values, plan, source }, signal);
    const evaluation = evaluate(answers, expected, options);
    print({ ...evaluation, ...describeRun(measured) }, `${format(evaluation)}${formatRun(measured)}`);
  } else if (labels !== undefined && truth !== undefined && plan === undefined && source === undefined) {
    const evaluation = evaluate(...(await Promise.all([readDecisions(labels), readDecisions(truth)])), options);
    print(evaluation, format(evaluation));
  } else {
    throw new UsageError('Expected --labels and --truth, or --plan and --source.');
  }
}

function describeRun({ plan, stats, frames }: MeasuredRun): object {
  return {
    plan: plan.name,
    framesPerSecond: frames / stats.runSeconds,
    referenceCalls: stats.referenceCalls,
    expected: plan.expected ?? null,
  };
}

function formatRun({ plan, stats, frames }: MeasuredRun): string {
  const rate = `${short(frames / stats.runSeconds)} fps with ${stats.referenceCalls} reference calls`;
  return formatFacts([['end to end', rate], ...formatExpectation(plan)]);
}

function formatExpectation({ expected }: CascadePlan): [string, string][] {
  if (!expected) return [];
  const { targets, errors, framesPerSecond } = expected;
  const { falseNegativeRate, falsePositiveRate }: PlanExpectation['errors']['threshold'] =
    errors.test ?? errors.threshold;
  return [
    ['expected', `${short(framesPerSecond)} fps on ${expected.machine.cpu}`],
    [
      '',
      `false negatives ${percent(falseNegativeRate.estimate)}, at most ${percent(falseNegativeRate.bound)}; target ${percent(targets.falseNegativeRate)}`,
    ],
    [
      '',
      `false positives ${percent(falsePositiveRate.estimate)}, at most ${percent(falsePositiveRate.bound)}; target ${percent(targets.falsePositiveRate)}`,
    ],
  ];
}

function format(evaluation: Evaluation): string {
  const { smoothed, raw, windows, byDecider, bounds, labelChanges, referenceUnsteadiness, frames } = evaluation;
  const rates = formatTable([
    ['', 'smoothed', '95 % bounds', 'raw'],
    [
      'false negatives',
      percent(smoothed.falseNegativeRate),
      formatBounds(bounds.falseNegativeRate),
      percent(raw.falseNegativeRate),
    ],
    [
      'false positives',
      percent(smoothed.falsePositiveRate),
      formatBounds(bounds.falsePositiveRate),
      percent(raw.falsePositiveRate),
    ],
    ['precision', percent(smoothed.precision), '', percent(raw.precision)],
    ['recall', percent(smoothed.recall), '', percent(raw.recall)],
  ]);
  const confusion = formatTable([
    ['decided by', 'frames', 'true pos.', 'false pos.', 'true neg.', 'false neg.'],
    ...byDecider.map(({ decidedBy, frames: count, truePositives, falsePositives, trueNegatives, falseNegatives }) => [
      decidedBy,
      ...[count, truePositives, falsePositives, trueNegatives, falseNegatives].map(String),
    ]),
  ]);
  const blocks = [bounds.falseNegativeRate, bounds.falsePositiveRate].map(bound => bound?.blocks ?? 'too few');
  const { windowFrames, windowAgreement, right, count, share } = windows;
  const facts = formatFacts([
    ['frames', String(frames)],
    ['windows right', `${right} of ${count} (${percent(share)}; ${windowAgreement} of ${windowFrames} frames agree)`],
    ['bounds over', `blocks of ${bounds.blockUs / 1e6} s: ${blocks[0]} with positives, ${blocks[1]} with negatives`],
    [
      'label changes',
      `answers ${labelChanges.answers}, truth ${labelChanges.truth} (raw ${labelChanges.rawAnswers}, ${labelChanges.rawTruth})`,
    ],
    ['reference unsteady', `in ${percent(referenceUnsteadiness)} of the frames (raw against smoothed)`],
  ]);
  return `${rates}\n${confusion}\n${facts}`;
}

/** Bounds as text; a star marks those of which the scatter between blocks says nothing. */
export function formatBounds(bounds: RateBounds | null): string {
  if (bounds === null) return 'too few blocks';
  return `${percent(bounds.low)} – ${percent(bounds.high)}${bounds.method === 'blocks-exact' ? ' *' : ''}`;
}
