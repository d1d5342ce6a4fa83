import { stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command } from 'commander';
import { sinkErrors, sinkFailure } from '../sinks/index.ts';
import { firstDocument, firstProgram } from './first-pipeline.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';
import { UsageError } from './usage-error.ts';

interface Values {
  readonly yaml?: boolean;
  readonly source: string;
  readonly label: string;
  readonly reference: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const programs = ['.ts', '.mts', '.js', '.mjs'];
const documents = ['.yaml', '.yml'];

/** `saccade init`: writes a first pipeline file. */
export function createInitCommand(): Command {
  return new Command('init')
    .summary('write a first pipeline file')
    .description(
      'Writes a pipeline file that tells when something is in sight: a program in TypeScript (or JavaScript, by its name), or a YAML document.',
    )
    .argument('[file]', 'file to write (default: pipelines.ts, with --yaml pipelines.yaml)')
    .option('--yaml', 'write YAML rather than TypeScript')
    .option('--source <path>', 'video file, folder of images, or a pattern of images in quotes', 'camera.mp4')
    .option('--label <name>', 'what to look for', 'person')
    .option('--reference <model>', 'reference model: a name in the folder of models', 'yolox')
    .option('--force', 'replace a file that exists')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ saccade init --source door.mp4 --label person --reference yolox\n  $ saccade init door.yaml --source door.mp4',
    )
    .action((file: string | undefined, values: Values) => runCommand(values, context => init(file, values, context)));
}

async function init(given: string | undefined, values: Values, { print }: CommandContext): Promise<void> {
  const { yaml = false, source, label, reference, force = false } = values;
  const file = given ?? (yaml ? 'pipelines.yaml' : 'pipelines.ts');
  const ending = extname(file).toLowerCase();
  const isDocument = documents.includes(ending);
  if (!isDocument && !programs.includes(ending)) {
    throw new UsageError(`Expected a file that ends in ${[...programs, ...documents].join(', ')}, got ${file}.`);
  }
  if (yaml && !isDocument) throw new UsageError(`--yaml needs a file that ends in ${documents.join(' or ')}.`);
  const isFolder = (await stat(source).catch(() => null))?.isDirectory() ?? false;
  const first = { source, isImages: isFolder || /[*?[]/.test(source), label, reference };
  try {
    await writeFile(file, isDocument ? firstDocument(first) : firstProgram(first), { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw exists ? sinkErrors.create('SINK_OUTPUT_EXISTS', { path: file }, { cause }) : sinkFailure(file, cause);
  }
  const next = [`saccade check ${file}`, `saccade explain ${file}`, `saccade run ${file}`];
  print({ file, next }, `wrote ${file}; now try\n${next.map(command => `  ${command}\n`).join('')}`);
}
