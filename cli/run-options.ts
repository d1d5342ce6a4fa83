import { type Command, Option } from 'commander';
import { type Device, devices } from '../cascade/index.ts';
import type { ExistingOutput } from '../sinks/index.ts';
import { wholeNumber } from './parse-options.ts';
import { UsageError } from './usage-error.ts';

/** Values of the options that say how a run works and where it writes. */
export interface RunValues extends ProcessValues {
  readonly out: string;
  readonly intervals?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Option that names the folder of models. */
export function modelsOption(): Option {
  return new Option('--models <folder>', 'folder of the models').default('models').env('SACCADE_MODELS');
}

/** Option that says what models in model workers run on. */
export function deviceOption(): Option {
  return new Option(
    '--device <device>',
    'what ONNX models in model workers run on; `saccade doctor` says what works here',
  )
    .choices(devices)
    .default('cpu')
    .env('SACCADE_DEVICE');
}

/** Option for machine-readable output. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object on standard output, and nothing else there');
}

/** Values of the options that say which processes run. */
export interface ProcessValues {
  readonly workers: number;
  readonly replicas: number;
  readonly device: Device;
  readonly models: string;
}

/** Values of the options that say where answers of the reference model are kept. */
export interface CacheValues {
  /** A folder, or false for `--no-cache`. */
  readonly cache: string | false;
}

/** Adds the options that say which processes run to a command. */
export function addProcessOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--workers <n>', 'stream workers that share the footage')
        .default(1)
        .argParser(wholeNumber(1))
        .env('SACCADE_WORKERS'),
    )
    .addOption(
      new Option('--replicas <n>', 'processes of the reference model')
        .default(1)
        .argParser(wholeNumber(1))
        .env('SACCADE_REPLICAS'),
    )
    .addOption(deviceOption())
    .addOption(modelsOption());
}

/** Adds the options that say where answers of the reference model are kept to a command. */
export function addCacheOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--cache <folder>', 'where answers are kept').default('.saccade/labels').env('SACCADE_LABEL_CACHE'),
    )
    .option('--no-cache', 'keep no answers and use none');
}

/** Adds the options of a run to a command. */
export function addRunOptions(command: Command): Command {
  command
    .requiredOption('--out <file>', 'JSON Lines file for the decisions; - for standard output')
    .option('--intervals <file>', 'JSON Lines file for the intervals of equal labels')
    .option('--resume', 'go on after the last row of an output that was interrupted')
    .option('--force', 'replace an output that exists');
  return addProcessOptions(command).addOption(jsonOption());
}

/** What is to become of an output that exists. @throws UsageError - when the options contradict each other. */
export function existingOutputOf({ resume, force, out, intervals, json }: RunValues): ExistingOutput {
  if (resume && force) throw new UsageError('--resume and --force exclude each other.');
  if (out === '-' && resume) throw new UsageError('--resume needs a file: standard output cannot be resumed.');
  if (out === '-' && json) throw new UsageError('--json and --out - both want standard output: name a file.');
  if (intervals === '-') throw new UsageError('--intervals needs a file.');
  if (intervals === out) throw new UsageError('--intervals and --out need different files.');
  if (resume) return 'resume';
  return force ? 'replace' : 'refuse';
}
