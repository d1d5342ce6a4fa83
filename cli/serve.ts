import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { type Device, ModelServer } from '../cascade/index.ts';
import { toErrorRecord } from '../ingest/index.ts';
import type { RunningServer } from '../serve/index.ts';
import { type Deployment, deploy, type Pipeline } from '../streams-dsl/index.ts';
import { loadServe } from './load-serve.ts';
import { positiveNumber, wholeNumber } from './parse-options.ts';
import { loadPipelineFile, type PipelineFile, writesToStandardOutput } from './pipeline-file.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { deviceOption, jsonOption, modelsOption } from './run-options.ts';
import { takesRequests } from './run-pipelines.ts';
import { addServerOptions, bounds, listeningOf, type ServerValues } from './server-options.ts';
import { UsageError } from './usage-error.ts';

interface Values extends ServerValues {
  readonly models: string;
  readonly load?: readonly string[];
  readonly only?: readonly string[];
  readonly sloMs?: number;
  readonly replicas?: { readonly min: number; readonly max: number };
  readonly cacheBytes?: number;
  readonly device?: Device;
  readonly streamsPerWorker?: number;
  readonly json?: boolean;
}

/** What `saccade serve` prints when it listens; with `--json` as it is. */
interface ServeSummary {
  readonly url: string;
  readonly grpcAddress: string | null;
  readonly needsToken: boolean;
  readonly queries: readonly string[];
  readonly streams: readonly string[];
  readonly models: readonly { readonly name: string; readonly version: number }[];
}

/** `saccade serve`: answers single pictures over HTTP, and runs streams beside it. */
export function createServeCommand(): Command {
  const command = new Command('serve')
    .summary('answer single pictures over HTTP')
    .description(
      'Serves the pipelines of a file whose source is request(), each at POST /v1/queries/<name>:predict, and runs its others beside them.\nServes the models of the folder by themselves, by the Open Inference Protocol v2 and by the REST of TensorFlow Serving.\nRuns until Ctrl-C; then what is under way is answered.',
    )
    .argument('[file]', 'pipeline file: TypeScript, JavaScript, YAML or JSON; without one, the models alone')
    .option('--only <name...>', 'serve and run these pipelines alone')
    .addOption(modelsOption())
    .option(
      '--load <model...>',
      'serve these models, name or name@version; none: none (default: all, highest versions)',
    );
  addServerOptions(command)
    .option('--slo-ms <n>', 'time in which a model must answer, in ms (default: any)', positiveNumber)
    .option('--replicas <min,max>', 'processes of each model; they follow the load (default: 1 to the cores)', bounds)
    .option('--cache-bytes <n>', 'memory for answers that are remembered; 0: none (default: 32 MiB)', wholeNumber(0))
    .addOption(deviceOption())
    .addOption(
      new Option('--streams-per-worker <n>', 'streams that a worker process decodes (default: 1)').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade serve pipelines.ts
  $ saccade serve --models models --grpc-port 8081
  $ TOKEN=$(openssl rand -hex 32) saccade serve pipelines.ts --host 0.0.0.0 --token-env TOKEN --tls-cert cert.pem --tls-key key.pem
  $ curl --data-binary @door.jpg -H 'content-type: image/jpeg' http://127.0.0.1:8080/v1/queries/door:predict`,
    )
    .action((file: string | undefined, values: Values) => runCommand(values, context => serve(file, values, context)));
  return command;
}

async function serve(file: string | undefined, values: Values, { signal, json, print }: CommandContext): Promise<void> {
  if (file === undefined && values.only !== undefined) throw new UsageError('--only goes with a pipeline file.');
  const listening = listeningOf(values);
  const loaded = file === undefined ? noPipelines : await loadPipelineFile(file, values.only);
  const usesOutput = loaded.pipelines.filter(writesToStandardOutput).map(({ name }) => name);
  if (json && usesOutput.length > 0) {
    throw new UsageError(
      `--json and the sinks of ${usesOutput.join(', ')} both want standard output: use one of them.`,
    );
  }
  const tell = (error: unknown, about: string): void => {
    const { code, message } = toErrorRecord(loaded.redactError(error));
    process.stderr.write(`error [${code}] ${about}: ${message}\n`);
  };
  const { models: folder, streamsPerWorker, device } = values;
  await using models = await openModels(values, file !== undefined);
  await using deployment = deploy(loaded.pipelines, { models: folder, streamsPerWorker, device, served: models });
  signal.throwIfAborted();
  const { startServer } = await loadServe();
  await using server = await startServer({
    ...listening,
    deployment,
    models,
    onFailure: (error, requestId) => tell(error, `request ${requestId}`),
  }).catch((error: unknown) => {
    throw loaded.redactError(error);
  });
  const summary = summarize(server, loaded.pipelines, { models, needsToken: listening.token !== undefined });
  if (usesOutput.length > 0) process.stderr.write(format(summary));
  else print(summary, format(summary));
  const streams = runStreams(deployment, loaded.pipelines, error => tell(error, 'of the streams'));
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server[Symbol.asyncDispose]();
  deployment.stop();
  await streams;
}

const noPipelines: Pick<PipelineFile, 'pipelines' | 'redactError'> = { pipelines: [], redactError: error => error };

async function openModels(
  { models: folder, load, sloMs, replicas, cacheBytes, device }: Values,
  hasFile: boolean,
): Promise<ModelServer | undefined> {
  const isUnwanted = load?.length === 1 && load[0] === 'none';
  // Pipelines may name their models by path, and need no repository.
  if (isUnwanted || (hasFile && load === undefined && !existsSync(folder))) return undefined;
  return ModelServer.open({ folder, models: load, sloMs, replicas, cacheBytes, device });
}

/** Runs what reads streams, if anything does; the server goes on when they end. */
async function runStreams(
  deployment: Deployment,
  pipelines: readonly Pipeline[],
  tell: (error: unknown) => void,
): Promise<void> {
  if (pipelines.every(takesRequests)) return;
  try {
    await deployment.run();
  } catch (error) {
    tell(error);
  }
}

function summarize(
  { url, grpcAddress }: RunningServer,
  pipelines: readonly Pipeline[],
  { models, needsToken }: { models: ModelServer | undefined; needsToken: boolean },
): ServeSummary {
  const streams = pipelines.filter(one => !takesRequests(one)).flatMap(({ sources }) => sources);
  return {
    url,
    grpcAddress: grpcAddress ?? null,
    needsToken,
    queries: pipelines.filter(takesRequests).map(({ name }) => name),
    streams: [...new Set(streams.map(({ description }) => description.stream))],
    models: models?.stats().map(({ name, version }) => ({ name, version })) ?? [],
  };
}

function format({ url, grpcAddress, needsToken, queries, streams, models }: ServeSummary): string {
  const lines = [
    `listening at ${url}${needsToken ? ', with a token' : ', without a token: programs of this machine alone are answered'}`,
    ...(grpcAddress === null ? [] : [`gRPC at ${grpcAddress}`]),
    ...queries.map(name => `query   ${name}: POST ${url}/v1/queries/${name}:predict`),
    ...streams.map(name => `stream  ${name}: ${url}/v1/streams/${encodeURIComponent(name)}`),
    ...models.map(
      ({ name, version }) => `model   ${name}@${version}: ${url}/v2/models/${name} and ${url}/v1/models/${name}`,
    ),
    `documentation at ${url}/docs, metrics at ${url}/metrics; Ctrl-C ends`,
  ];
  return lines.map(line => `${line}\n`).join('');
}
