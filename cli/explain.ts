import { Command } from 'commander';
import { explain } from '../streams-dsl/index.ts';
import { loadPipelineFile, writesToStandardOutput } from './pipeline-file.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption, modelsOption } from './run-options.ts';
import { execute, takesRequests } from './run-pipelines.ts';
import { UsageError } from './usage-error.ts';

interface Values {
  readonly models: string;
  readonly only?: readonly string[];
  readonly analyze?: boolean;
  /** False for `--no-sinks`. */
  readonly sinks: boolean;
  readonly json?: boolean;
}

/** `saccade explain`: what pipelines say and how they are run. */
export function createExplainCommand(): Command {
  return new Command('explain')
    .summary('say how pipelines are run')
    .description(
      'Prints what pipelines say and how they are run, as trees from the sinks down to the sources.\nWith --analyze runs them to their end, sinks included, and prints what was measured beside each step.',
    )
    .argument('<file>', 'pipeline file: TypeScript, JavaScript, YAML or JSON')
    .option('--only <name...>', 'explain these pipelines alone')
    .option(
      '--analyze',
      'run them, and print rows, times and queues of each step; pipelines that take requests are not run',
    )
    .option('--no-sinks', 'with --analyze: write nothing, rows are counted and dropped')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ saccade explain pipelines.ts\n  $ saccade explain pipelines.ts --analyze --no-sinks',
    )
    .action((file: string, values: Values) => runCommand(values, context => explainFile(file, values, context)));
}

async function explainFile(
  file: string,
  { models, only, analyze = false, sinks }: Values,
  { json, signal, print }: CommandContext,
): Promise<void> {
  if (!sinks && !analyze) throw new UsageError('--no-sinks goes with --analyze: nothing is run without it.');
  const { pipelines, redact, redactError } = await loadPipelineFile(file, only);
  const run = pipelines.filter(one => !takesRequests(one)).map(one => (sinks ? one : { ...one, sinks: [] }));
  const usesOutput = analyze && run.some(writesToStandardOutput);
  if (json && usesOutput) throw new UsageError('--json and a sink both want standard output: add --no-sinks.');
  try {
    // First without running: what cannot be planned is said before anything is started.
    let text = await explain(pipelines, { models });
    if (analyze && run.length > 0) {
      const { status, error } = await execute(
        { pipelines: run },
        { models, signal, isQuiet: usesOutput, measure: true },
      );
      if (error !== null) throw error;
      text = await explain(pipelines, { models, measured: status.steps });
    }
    const shown = redact(text);
    print({ file, analyzed: analyze, interrupted: signal.aborted, explanation: shown }, shown);
  } catch (error) {
    throw redactError(error);
  }
}
