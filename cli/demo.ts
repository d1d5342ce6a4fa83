import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
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
    .summary('see it happen: make footage, run reference and cascade, compare')
    .description(
      'Films a synthetic street, asks the reference model about every frame, runs the cascade, and compares.\nNeeds nothing but this package; writes footage, labels, the plan and an HTML page.',
    )
    .option('--out <folder>', 'folder for everything that is made; files in it are replaced', 'demo-output')
    .addOption(new Option('--seconds <n>', 'length of the footage').default(150).argParser(positiveNumber))
    .addOption(
      new Option('--replicas <n>', 'processes of the reference model')
        .default(2)
        .argParser(wholeNumber(1))
        .env('SACCADE_REPLICAS'),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade demo --seconds 60')
    .action((values: Values) => runCommand(values, context => demo(values, context)));
}

async function demo({ out, seconds, replicas }: Values, { json, signal, print }: CommandContext): Promise<void> {
  const onStep = (step: string): void => void (json || process.stderr.write(`${step}\n`));
  const result = await runDemo({ folder: out, seconds, replicas, signal, onStep });
  const report = join(out, 'report.html');
  const page = demoReport(result, await readDemoStills(result, { signal }));
  await writeFile(report, page).catch(cause => Promise.reject(sinkFailure(report, cause)));
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
    },
    format(result, report),
  );
}

function format({ reference, cascade, evaluation, speedUp }: DemoResult, report: string): string {
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
  const page = pathToFileURL(report).href;
  return `\n${comparison}\n${deciders}\n${formatFacts([['report', page]])}`;
}
