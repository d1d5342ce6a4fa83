import { Command } from 'commander';
import { type LoadedPlan, loadPlan } from '../cascade/index.ts';
import { describePlan } from '../optimizer/index.ts';
import { formatFacts, formatTable, percent, short } from './format-table.ts';
import { type FieldDifference, planDifferences, showValue } from './plan-differences.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

interface Values {
  readonly json?: boolean;
}

/** `saccade plan`: what plans say. */
export function createPlanCommand(): Command {
  return new Command('plan')
    .summary('show and compare plans')
    .description('Says what a plan does and what is expected of it, and how two plans differ.')
    .addCommand(createShowCommand())
    .addCommand(createDiffCommand());
}

function createShowCommand(): Command {
  return new Command('show')
    .description('Says a plan in words and figures.')
    .argument('<plan>', 'plan file')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade plan show door.plan.json')
    .action((path: string, values: Values) =>
      runCommand(values, async ({ print }) => {
        const { plan, hash } = await loadPlan(path);
        print({ plan, hash, words: describePlan(plan) }, formatPlan({ plan, hash }));
      }),
    );
}

function createDiffCommand(): Command {
  return new Command('diff')
    .description('Says field by field how two plans differ; differing plans are no failure.')
    .argument('<a>', 'plan file')
    .argument('<b>', 'plan file')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade plan diff monday.plan.json tuesday.plan.json')
    .action((a: string, b: string, values: Values) => runCommand(values, context => diff([a, b], context)));
}

async function diff(paths: readonly [string, string], { print }: CommandContext): Promise<void> {
  const [a, b] = await Promise.all([loadPlan(paths[0]), loadPlan(paths[1])]);
  const differences = planDifferences(a.plan, b.plan);
  // Plans that differ in what is expected of them alone are the same plan.
  const samePlan = a.hash === b.hash;
  print({ samePlan, differences }, formatDifferences(paths, differences, samePlan));
}

function formatPlan({ plan, hash }: Pick<LoadedPlan, 'plan' | 'hash'>): string {
  const { asks, does, speed, errors, targets } = describePlan(plan);
  const words = [asks, does, speed, errors, targets].filter(sentence => sentence !== null).map(wrap);
  const { expected, differenceDetector, specializedModel, referenceModel } = plan;
  const facts = formatFacts([
    ['name', plan.name],
    ['smoothing', `${plan.smoothingMs} ms`],
    ...(differenceDetector === null ? [] : ([['deltaDiff', short(differenceDetector.deltaDiff)]] as const)),
    ...(specializedModel === null
      ? []
      : ([
          ['specialized model', `${specializedModel.model} (${specializedModel.sha256.slice(0, 12)})`],
          ['cLow, cHigh', `${short(specializedModel.cLow)}, ${short(specializedModel.cHigh)}`],
        ] as const)),
    ['reference model', `${referenceModel.model} (${referenceModel.sha256.slice(0, 12)})`],
    ['fitted on', plan.fittedOn.length === 0 ? 'by hand' : plan.fittedOn.map(sha256 => sha256.slice(0, 12)).join(', ')],
    ['hash', hash],
  ]);
  if (!expected) return `${words.join('\n')}\n\n${facts}`;
  const part = (name: string, of: typeof expected.errors.test): string[][] =>
    of === null
      ? []
      : [
          [
            name,
            percent(of.falseNegativeRate.estimate),
            percent(of.falseNegativeRate.bound),
            percent(of.falsePositiveRate.estimate),
            percent(of.falsePositiveRate.bound),
          ],
        ];
  const table = formatTable([
    ['', 'missed', 'at most', 'wrongly positive', 'at most'],
    ['target', '', percent(expected.targets.falseNegativeRate), '', percent(expected.targets.falsePositiveRate)],
    ...part('threshold part', expected.errors.threshold),
    ...part('test part', expected.errors.test),
  ]);
  const shares = Object.entries(expected.shares).map(([stage, share]) => `${stage} ${percent(share)}`);
  const { cpu, cores, node, workers, replicas } = expected.machine;
  const more = formatFacts([
    ['shares of frames', shares.join(', ')],
    ['measured on', `${cpu}, ${cores} cores, Node ${node}; ${workers} stream, ${replicas} model workers`],
    ['seed', String(expected.seed)],
  ]);
  return `${words.join('\n')}\n\n${table}\n${facts}${more}`;
}

function formatDifferences(
  [a, b]: readonly [string, string],
  differences: readonly FieldDifference[],
  samePlan: boolean,
): string {
  if (differences.length === 0) return 'the two plans are the same\n';
  const verdict = samePlan ? 'the same plan: only what is expected of it differs\n\n' : '';
  const rows = differences.map(({ path, a: left, b: right }) => [path, showValue(left), showValue(right)]);
  return verdict + formatTable([['field', a, b], ...rows]);
}

/** Breaks a sentence into lines of at most 100 signs. */
function wrap(sentence: string): string {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= 100) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}
