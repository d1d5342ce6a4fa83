import { Command, Option } from 'commander';
import { type Evaluation, evaluate, type RateBounds } from '../cascade/index.ts';
import { readDecisions } from '../sinks/index.ts';
import { formatFacts, formatTable, percent } from './format-table.ts';
import { durationMs, wholeNumber } from './parse-options.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

interface Values {
  readonly labels: string;
  readonly truth: string;
  readonly window: number;
  readonly agreement: number;
  readonly block: number;
  readonly json?: boolean;
}

/** `saccade evaluate`: how good answers are, measured against truth. */
export function createEvaluateCommand(): Command {
  return new Command('evaluate')
    .summary('compare answers with the truth')
    .description('Compares the answers of a cascade with the truth, frame by frame, with bounds over blocks of time.')
    .requiredOption('--labels <file>', 'what `saccade run` wrote')
    .requiredOption('--truth <file>', 'what `saccade label` wrote for the same footage')
    .addOption(new Option('--window <n>', 'frames of a window of agreement').default(30).argParser(wholeNumber(1)))
    .addOption(
      new Option('--agreement <n>', 'frames of a window that must agree').default(28).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--block <time>', 'blocks of time that bounds are taken over')
        .default(10_000, '10s')
        .argParser(durationMs),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade evaluate --labels door.jsonl --truth door.truth.jsonl
  $ saccade evaluate --labels door.jsonl --truth door.truth.jsonl --json | jq .smoothed.falseNegativeRate`,
    )
    .action((values: Values) => runCommand(values, context => run(values, context)));
}

async function run(values: Values, { print }: CommandContext): Promise<void> {
  const [answers, truth] = await Promise.all([readDecisions(values.labels), readDecisions(values.truth)]);
  const evaluation = evaluate(answers, truth, {
    windowFrames: values.window,
    windowAgreement: values.agreement,
    blockUs: values.block * 1000,
  });
  print(evaluation, format(evaluation));
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
