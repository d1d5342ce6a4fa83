import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import {
  describePlan,
  type LabelBudget,
  type Optimization,
  type OptimizeHooks,
  type OptimizeOptions,
  optimize,
  ordinal,
  reportPage,
  writeOutput,
} from '../optimizer/index.ts';
import { sinkErrors } from '../sinks/index.ts';
import { addDecoderOptions, type DecoderValues } from './footage-options.ts';
import { formatFacts, formatTable, percent, short } from './format-table.ts';
import { durationMs, positiveNumber, wholeNumber } from './parse-options.ts';
import { ProgressBar } from './progress-bar.ts';
import { addQueryOptions, predicateOf, type QueryValues, queryNameOf } from './query-options.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { addProcessOptions, jsonOption, type ProcessValues } from './run-options.ts';
import { UsageError } from './usage-error.ts';

interface Values extends DecoderValues, QueryValues, ProcessValues {
  readonly source: readonly string[];
  readonly fn: number;
  readonly fp: number;
  readonly confidence: number;
  readonly out: string;
  readonly report?: string;
  readonly force?: boolean;
  readonly labelFps?: number;
  readonly labelBudget?: LabelBudget;
  readonly gap?: number;
  readonly searchDuration: number;
  readonly seed: number;
  readonly sameCamera?: boolean;
  readonly cache: string;
  readonly json?: boolean;
}

/** `saccade optimize`: footage and error targets in, the cheapest plan out. */
export function createOptimizeCommand(): Command {
  const command = new Command('optimize')
    .summary('find the cheapest plan within error targets')
    .description(
      'Finds the cheapest plan that answers a question about one fixed camera within error targets: asks the reference model,\ntrains small models, measures costs on this machine, chooses thresholds, and writes the plan with a report.\nCtrl-C while the footage is labeled keeps the labels; later it gives the best plan so far.',
    )
    .requiredOption('--source <path...>', 'footage in order of time; a range of a file as day1.mp4#t=60,600 (seconds)')
    .requiredOption('--out <file>', 'plan file to write, such as person.plan.json')
    .addOption(new Option('--fn <0-1>', 'false-negative rate not to be exceeded').default(0.01).argParser(Number))
    .addOption(new Option('--fp <0-1>', 'false-positive rate not to be exceeded').default(0.01).argParser(Number))
    .addOption(new Option('--confidence <0-1>', 'how sure the bounds are').default(0.95).argParser(Number))
    .option('--report <file>', 'HTML report (default: beside the plan)')
    .option('--force', 'replace a plan that exists')
    .option('--label-fps <n>', 'label about so many frames a second (default: all, up to 20,000)', positiveNumber)
    .option('--label-budget <n>', 'label at most so many frames, or as many as 10min of footage have', labelBudget)
    .option('--gap <time>', 'time left out between the parts that train, choose and test', durationMs)
    .addOption(
      new Option('--search-duration <time>', 'time for training small models; 0 trains none')
        .default(120_000, '2min')
        .argParser(durationMs),
    )
    .addOption(new Option('--seed <n>', 'the same seed gives the same plan').default(1).argParser(wholeNumber(0)))
    .option('--same-camera', 'take the footage as of one fixed camera without looking');
  addProcessOptions(addDecoderOptions(addQueryOptions(command)))
    .addOption(
      new Option('--cache <folder>', 'labels and pictures that are kept').default('.saccade').env('SACCADE_CACHE'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade optimize --source day1.mp4 --label person --reference pvb --fn 0.01 --fp 0.01 --out person.plan.json
  $ saccade optimize --source mon.mp4 tue.mp4#t=0,3600 --label car --reference yolox --label-fps 5 --out car.plan.json
Then:
  $ saccade run --source day2.mp4 --plan person.plan.json --out day2.jsonl`,
    )
    .action((values: Values) => runCommand(values, context => run(values, context)));
  return command;
}

/** Reads `2000` (frames) or a duration such as `10min` (of footage). */
function labelBudget(text: string): LabelBudget {
  if (/^\d+$/.test(text.trim())) return { frames: wholeNumber(1)(text) };
  return { footageSeconds: durationMs(text) / 1000 };
}

async function run(values: Values, { json, signal, print }: CommandContext): Promise<void> {
  const { out, report = `${out.replace(/(\.plan)?\.json$/, '')}.report.html` } = values;
  if (report === out) throw new UsageError('--report and --out need different files.');
  if (!values.force && (await stat(out).catch(() => null)) !== null) {
    throw sinkErrors.create('SINK_OUTPUT_EXISTS', { path: out });
  }
  using progress = new StepProgress(json);
  const result = await optimize(optionsOf(values), { ...progress.hooks, signal });
  progress[Symbol.dispose]();
  await writeOutput(report, reportPage(result.report));
  print({ planFile: out, page: report, ...result.report }, format(result, { out, report }));
}

function optionsOf(values: Values): OptimizeOptions {
  const { decoder, decoderThreads, imageFps } = values;
  return {
    inputs: values.source,
    reading: { decoder, decoderThreads, imageRateFps: imageFps },
    name: queryNameOf(values),
    predicate: predicateOf(values),
    smoothingMs: values.smoothing,
    reference: values.reference,
    models: values.models,
    targets: { falseNegativeRate: values.fn, falsePositiveRate: values.fp, confidence: values.confidence },
    planPath: values.out,
    cacheFolder: values.cache,
    sampling: { labelFps: values.labelFps, budget: values.labelBudget },
    gapMs: values.gap,
    searchDurationMs: values.searchDuration,
    seed: values.seed,
    processes: {
      workers: values.workers,
      replicas: values.replicas,
      cores: availableParallelism(),
      device: values.device,
    },
    sameCamera: values.sameCamera,
  };
}

/** Says what the steps do: a line each, and a bar on a terminal. */
class StepProgress implements Disposable {
  readonly hooks: Required<Pick<OptimizeHooks, 'onStep' | 'onProgress' | 'onNotice'>>;
  #bar: ProgressBar | null = null;

  constructor(isQuiet: boolean) {
    const say = (text: string): void => {
      this[Symbol.dispose]();
      if (!isQuiet) process.stderr.write(`${text}\n`);
    };
    let step = '';
    this.hooks = {
      onStep: name => {
        step = name;
        say(name);
      },
      onNotice: text => say(`  ${text}`),
      onProgress: part => {
        this.#bar ??= new ProgressBar({ what: step, unit: '%' });
        this.#bar.update(part, 1);
      },
    };
  }

  /** Wipes the bar. */
  [Symbol.dispose](): void {
    this.#bar?.[Symbol.dispose]();
    this.#bar = null;
  }
}

function format({ plan, report }: Optimization, { out, report: page }: { out: string; report: string }): string {
  const { chosen, baselines } = report;
  const words = describePlan(plan);
  const table = formatTable([
    ['', 'frames/s', 'speed-up', 'missed', 'at most', 'false alarms', 'at most'],
    ...[
      ...baselines.map(baseline => ({
        name: baseline.every === 1 ? 'reference on every frame' : `reference on every ${ordinal(baseline.every)}`,
        cost: baseline.cost,
        errors: baseline.errors,
      })),
      { name: 'plan, where it was chosen', cost: chosen.cost, errors: chosen.errors.threshold },
      ...(chosen.errors.test === null
        ? []
        : [{ name: 'plan, on the test part', cost: chosen.cost, errors: chosen.errors.test }]),
    ].map(({ name, cost, errors: { falseNegative, falsePositive } }) => [
      name,
      short(cost.framesPerSecond),
      short((baselines[0]?.cost.frameUs ?? cost.frameUs) / cost.frameUs),
      percent(falseNegative.estimate),
      percent(falseNegative.bound),
      percent(falsePositive.estimate),
      percent(falsePositive.bound),
    ]),
  ]);
  const said = [words.asks, words.does, words.speed, words.errors, words.targets].filter(text => text !== null);
  const next = report.next.map(text => `→ ${text}\n`).join('');
  return `\n${said.join('\n')}\n\n${table}\n${next}\n${formatFacts([
    ['plan', out],
    ['report', page],
  ])}`;
}
