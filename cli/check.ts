import { Command } from 'commander';
import { toErrorRecord } from '../ingest/index.ts';
import { checkPipelines } from '../streams-dsl/index.ts';
import { loadPipelineFile } from './pipeline-file.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption, modelsOption } from './run-options.ts';

interface Values {
  readonly models: string;
  readonly json?: boolean;
}

/** `saccade check`: says what would hinder the pipelines of a file. */
export function createCheckCommand(): Command {
  return new Command('check')
    .summary('say what would hinder pipelines')
    .description(
      'Checks what can be seen without starting anything: the file itself, sources, models, plans, pictures, sinks and secrets.\nLists every problem; ends with 1 when there is one. Nothing is decoded, written or connected to.',
    )
    .argument('<file>', 'pipeline file: TypeScript, JavaScript, YAML or JSON')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade check pipelines.ts && saccade run pipelines.ts')
    .action((file: string, values: Values) => runCommand(values, context => check(file, values, context)));
}

async function check(file: string, { models }: Values, { json, print, fail }: CommandContext): Promise<void> {
  const { pipelines, redactError } = await loadPipelineFile(file);
  const problems = (await checkPipelines(pipelines, { models })).map(({ pipeline, place, error }) => {
    const { code, message, remedy } = toErrorRecord(redactError(error));
    return { pipeline, place, code, message, remedy };
  });
  const names = pipelines.map(({ name }) => name);
  if (problems.length === 0) {
    print({ file, ok: true, pipelines: names, problems }, names.map(name => `ok  ${name}\n`).join(''));
    return;
  }
  if (json) print({ file, ok: false, pipelines: names, problems }, '');
  for (const { pipeline, place, code, message, remedy } of json ? [] : problems) {
    const where = place === '' ? pipeline : `${pipeline}, ${place}`;
    process.stderr.write(`error [${code}]: ${where}: ${message.replace(/\s*\n\s*/g, ' ')} ${remedy}\n`);
  }
  fail();
}
