import { Command, Option } from 'commander';
import {
  type AddedNetwork,
  addModel,
  type EngineDeclaration,
  findModel,
  headKinds,
  listModels,
  type StoredModel,
  verifyModel,
} from '../cascade/index.ts';
import { toErrorRecord } from '../ingest/index.ts';
import { formatTable } from './format-table.ts';
import { wholeNumber } from './parse-options.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption, modelsOption } from './run-options.ts';
import { UsageError } from './usage-error.ts';

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
  readonly protocol?: Remote['protocol'];
  readonly remoteModel?: string;
  readonly remoteVersion?: string;
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
  readonly timeout?: number;
}

type Remote = Extract<EngineDeclaration, { kind: 'remote' }>;

/** `saccade models`: the models on disk. */
export function createModelsCommand(): Command {
  return new Command('models')
    .summary('add, list and verify models')
    .description(
      'Models lie in <folder>/<name>/<version>, as model.onnx or a TensorFlow.js model, with a model.json that says how to feed them.',
    )
    .addCommand(createAddCommand())
    .addCommand(createListCommand())
    .addCommand(createVerifyCommand());
}

function createAddCommand(): Command {
  return new Command('add')
    .description(
      'Copies a model into the folder of models, with a declaration that is checked against it; of a model on another server only the declaration.',
    )
    .argument('<source>', 'an ONNX file, the model.json of a TensorFlow.js model, or the URL of a server')
    .requiredOption('--name <name>', 'name of the model')
    .requiredOption('--head <kind>', `how its output is read: ${headKinds.join(', ')}`)
    .option('--version <n>', 'version (default: one above the highest)', wholeNumber(1))
    .option('--licence <id>', 'SPDX identifier of its licence (default: unstated)')
    .option('--labels <names>', 'names of its classes, separated by commas (default: those of the head)')
    .addOption(new Option('--protocol <name>', 'of a server (default: oip-v2)').choices(['oip-v2', 'tfs-v1']))
    .option('--remote-model <name>', 'name of the model on the server (default: that of --name)')
    .option('--remote-version <v>', "its version there (default: the server's choice)")
    .option('--token-env <variable>', 'environment variable with the token for the server')
    .option('--token-file <file>', 'file with the token for the server')
    .option('--timeout <ms>', 'longest time for an answer of the server (default: 5000)', wholeNumber(1))
    .addOption(modelsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade models add yolox_s.onnx --name yolox-s --head yolox --licence Apache-2.0
  $ saccade models add web/model.json --name door --head binary --labels person
  $ saccade models add http://10.0.0.5:8000 --name door --remote-model door_v3 --head binary --labels person`,
    )
    .action((source: string, values: AddValues) => runCommand(values, context => add(source, values, context)));
}

async function add(source: string, values: AddValues, { print }: CommandContext): Promise<void> {
  const { models: folder, name, head, version, licence, labels } = values;
  const stored = await addModel({
    ...networkOf(source, values),
    folder,
    name,
    head,
    version,
    licence,
    labels: labels?.split(',').map(label => label.trim()),
  });
  print(describe(stored), format([stored]));
}

/** Which engine a source is for: a server, a TensorFlow.js model or an ONNX file. */
function networkOf(source: string, values: AddValues): AddedNetwork {
  const { name, protocol, remoteModel, remoteVersion, tokenEnv, tokenFile, timeout } = values;
  if (!/^https?:\/\//i.test(source)) {
    const given = { protocol, remoteModel, remoteVersion, tokenEnv, tokenFile, timeout };
    if (Object.values(given).some(value => value !== undefined)) {
      throw new UsageError('--protocol, --remote-…, --token-… and --timeout are for the URL of a server.');
    }
    return source.endsWith('.json') ? { tfjsPath: source } : { onnxPath: source };
  }
  if (tokenEnv !== undefined && tokenFile !== undefined) {
    throw new UsageError('--token-env and --token-file exclude each other.');
  }
  return {
    remote: {
      protocol: protocol ?? 'oip-v2',
      url: source,
      model: remoteModel ?? name,
      ...(remoteVersion !== undefined && { version: remoteVersion }),
      ...(tokenEnv !== undefined && { token: { env: tokenEnv } }),
      ...(tokenFile !== undefined && { token: { file: tokenFile } }),
      ...(timeout !== undefined && { timeoutMs: timeout }),
    },
  };
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
    ['model', 'engine', 'head', 'input', 'labels', 'licence', 'sha256'],
    ...models.map(stored => {
      const { engine, head, input, labels, licence, sha256 } = stored.declaration;
      const shape = input.shape.join('×');
      const kind = engine?.kind ?? 'onnx';
      return [nameOf(stored), kind, head.kind, shape, String(labels.length), licence, sha256.slice(0, 12)];
    }),
  ]);
}
