import { Argument, Command } from 'commander';
import { modelJsonSchema, planJsonSchema, publish } from '../cascade/index.ts';
import { decisionSchema, intervalSchema } from '../sinks/index.ts';
import { pipelinesSchema } from '../streams-dsl/index.ts';
import { runCommand } from './run-command.ts';

/** The published schemas by name; docs/schemas holds each as `<name>.schema.json`. */
export const publishedSchemas: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  decision: () => publish(decisionSchema),
  interval: () => publish(intervalSchema),
  plan: planJsonSchema,
  model: modelJsonSchema,
  pipelines: () => publish(pipelinesSchema),
};

/** `saccade schema`: the JSON Schemas of what is read and written. */
export function createSchemaCommand(): Command {
  const names = Object.keys(publishedSchemas);
  return new Command('schema')
    .summary('print the JSON Schema of a file')
    .description(
      'Prints the JSON Schema of a row of decisions or intervals, of a plan, of a model.json, or of pipelines in YAML or JSON.',
    )
    .addArgument(new Argument('<name>', 'which one').choices(names))
    .option('--json', 'has no effect: the schema is JSON in any case')
    .addHelpText('after', '\nExample:\n  $ saccade schema plan > plan.schema.json')
    .action((name: string) =>
      runCommand({}, async ({ print }) => {
        const schema = { title: `saccade ${name}`, ...publishedSchemas[name]?.() };
        print(schema, `${JSON.stringify(schema, undefined, 2)}\n`);
      }),
    );
}
