import { Command } from 'commander';
import { addModel, findModel, headKinds, listModels, type StoredModel, verifyModel } from '../cascade/index.ts';
import { toErrorRecord } from '../ingest/index.ts';
import { formatTable } from './format-table.ts';
import { wholeNumber } from './parse-options.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption, modelsOption } from './run-options.ts';

interface Values {
  readonly models: string;
  readonly json?: boolean;
}

interface AddValues extends Values {
  readonly name: string;
  readonly head: string;
  readonly version?: number;
  readonly licence?: string;
  readonly labels?: string;
}

/** `saccade models`: the models on disk. */
export function createModelsCommand(): Command {
  return new Command('models')
    .summary('add, list and verify models')
    .description('Models lie in <folder>/<name>/<version>/model.onnx with a model.json that says how to feed them.')
    .addCommand(createAddCommand())
    .addCommand(createListCommand())
    .addCommand(createVerifyCommand());
}

function createAddCommand(): Command {
  return new Command('add')
    .description('Copies an ONNX file into the folder of models, with a declaration that is checked against it.')
    .argument('<file>', 'the ONNX file')
    .requiredOption('--name <name>', 'name of the model')
    .requiredOption('--head <kind>', `how its output is read: ${headKinds.join(', ')}`)
    .option('--version <n>', 'version (default: one above the highest)', wholeNumber(1))
    .option('--licence <id>', 'SPDX identifier of its licence (default: unstated)')
    .option('--labels <names>', 'names of its classes, separated by commas (default: those of the head)')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ saccade models add yolox_s.onnx --name yolox-s --head yolox --licence Apache-2.0',
    )
    .action((file: string, values: AddValues) => runCommand(values, context => add(file, values, context)));
}

async function add(file: string, values: AddValues, { print }: CommandContext): Promise<void> {
  const { models: folder, name, head, version, licence, labels } = values;
  const stored = await addModel({
    onnxPath: file,
    folder,
    name,
    head,
    version,
    licence,
    labels: labels?.split(',').map(label => label.trim()),
  });
  print(describe(stored), format([stored]));
}

function createListCommand(): Command {
  return new Command('ls')
    .description('Lists the models.')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade models ls --models my-models')
    .action((values: Values) =>
      runCommand(values, async ({ print }) => {
        const models = await listModels(values.models);
        print(
          { models: models.map(describe) },
          models.length === 0 ? `no models in ${values.models}\n` : format(models),
        );
      }),
    );
}

function createVerifyCommand(): Command {
  return new Command('verify')
    .description('Checks hashes and tensors against the declarations: of the models named, or of all.')
    .argument('[models...]', 'name, name@version or folder')
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade models verify yolox-s')
    .action((names: string[], values: Values) => runCommand(values, context => verify(names, values, context)));
}

async function verify(names: readonly string[], values: Values, { json, print }: CommandContext): Promise<void> {
  const models =
    names.length === 0
      ? await listModels(values.models)
      : await Promise.all(names.map(name => findModel(name, values.models)));
  let firstError: unknown;
  const results: { model: string; ok: boolean; error?: { code: string; message: string } }[] = [];
  for (const stored of models) {
    const model = nameOf(stored);
    try {
      await verifyModel(stored);
      results.push({ model, ok: true });
    } catch (error) {
      const { code, message } = toErrorRecord(error);
      results.push({ model, ok: false, error: { code, message } });
      firstError ??= error;
    }
  }
  if (firstError === undefined) {
    print({ models: results }, results.map(({ model }) => `ok  ${model}\n`).join(''));
    return;
  }
  // With --json the error is the one object; the list would be a second.
  if (!json) process.stdout.write(results.map(({ model, ok }) => `${ok ? 'ok ' : 'BAD'}  ${model}\n`).join(''));
  throw firstError;
}

function describe(stored: StoredModel): object {
  return { ...stored.declaration, folder: stored.folder };
}

function nameOf({ declaration: { name, version } }: StoredModel): string {
  return `${name}@${version}`;
}

function format(models: readonly StoredModel[]): string {
  return formatTable([
    ['model', 'head', 'input', 'labels', 'licence', 'sha256'],
    ...models.map(stored => {
      const { head, input, labels, licence, sha256 } = stored.declaration;
      return [nameOf(stored), head.kind, input.shape.join('×'), String(labels.length), licence, sha256.slice(0, 12)];
    }),
  ]);
}
