import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { describePlan, reportPage, writeOutput } from '../optimizer/index.ts';
import { sinkFailure } from '../sinks/index.ts';
import { demoReport } from './demo-report.ts';
import { readDemoStills } from './demo-stills.ts';
import { formatBounds } from './evaluate.ts';
import { formatFacts, formatTable, percent, short } from './format-table.ts';
import { positiveNumber, wholeNumber } from './parse-options.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { type DemoResult, type DemoRun, runDemo } from './run-demo.ts';
import { jsonOption } from './run-options.ts';

interface Values {
  readonly out: string;
  readonly seconds: number;
  readonly replicas: number;
  readonly json?: boolean;
}

/** `saccade demo`: sees it happen. */
export function createDemoCommand(): Command {
  return new Command('demo')
    .summary('see it happen: make footage, find a plan, run it on later footage, compare')
    .description(
      'Films a synthetic street, finds the cheapest plan within error targets on the first part, then runs the plan and the\nreference model on the later part, and compares. Needs nothing but this package; writes footage, labels, the plan and two HTML pages.',
    )
    .option('--out <folder>', 'folder for everything that is made; files in it are replaced', 'demo-output')
    .addOption(
      new Option('--seconds <n>', 'length of the later footage; the plan is found on 4 times as much before it')
        .default(150)
        .argParser(positiveNumber),
    )
    .addOption(
      new Option('--replicas <n>', 'processes of the reference model')
        .default(2)
        .argParser(wholeNumber(1))
        .env('SACCADE_REPLICAS'),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade demo --seconds 40')
    .action((values: Values) => runCommand(values, context => demo(values, context)));
}

async function demo({ out, seconds, replicas }: Values, { json, signal, print }: CommandContext): Promise<void> {
  const onStep = (step: string): void => void (json || process.stderr.write(`${step}\n`));
  const result = await runDemo({ folder: out, seconds, replicas, signal, onStep });
  const report = join(out, 'report.html');
  const page = demoReport(result, await readDemoStills(result, { signal }));
  await writeFile(report, page).catch(cause => Promise.reject(sinkFailure(report, cause)));
  const search = join(out, 'optimizer.html');
  await writeOutput(search, reportPage(result.optimization));
  const { reference, cascade, evaluation, speedUp } = result;
  const describe = ({ stats, framesPerSecond }: DemoRun): object => ({ ...stats, framesPerSecond });
  print(
    {
      frames: evaluation.frames,
      speedUp,
      reference: describe(reference),
      cascade: describe(cascade),
      evaluation,
      report,
      optimizer: search,
    },
    format(result, { report, search }),
  );
}

function format(
  { plan, reference, cascade, evaluation, speedUp }: DemoResult,
  { report, search }: { report: string; search: string },
): string {
  const { frames, smoothed, bounds, byDecider, windows } = evaluation;
  const row = (name: string, of: ({ stats, framesPerSecond }: DemoRun) => string): string[] => [
    name,
    of(reference),
    of(cascade),
  ];
  const comparison = formatTable([
    ['', 'reference on every frame', 'cascade'],
    row('frames', ({ decisions }) => String(decisions.length)),
    row('reference calls', ({ stats }) => String(stats.referenceCalls)),
    row('seconds, file to last label', ({ stats }) => short(stats.runSeconds)),
    row('frames a second', ({ framesPerSecond }) => short(framesPerSecond)),
    ['speed-up', '1', short(speedUp)],
    ['false negatives', '–', percent(smoothed.falseNegativeRate)],
    ['  95 % bounds', '', formatBounds(bounds.falseNegativeRate)],
    ['false positives', '–', percent(smoothed.falsePositiveRate)],
    ['  95 % bounds', '', formatBounds(bounds.falsePositiveRate)],
    ['30-frame windows right', '–', percent(windows.share)],
  ]);
  const deciders = formatTable([
    ['decided by', 'frames', 'share'],
    ...byDecider.map(({ decidedBy, frames: count }) => [decidedBy, String(count), percent(count / frames)]),
  ]);
  const words = describePlan(plan);
  return `\n${words.does}\n\n${comparison}\n${deciders}\n${formatFacts([
    ['report', pathToFileURL(report).href],
    ['how it was found', pathToFileURL(search).href],
  ])}`;
}
