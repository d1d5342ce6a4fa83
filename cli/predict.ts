import { Command, Option } from 'commander';
import { ModelServer } from '../cascade/index.ts';
import { fromErrorRecord, redactUrl } from '../ingest/index.ts';
import type { PredictBody } from '../serve/index.ts';
import { readSecret } from '../sinks/index.ts';
import { deploy } from '../streams-dsl/index.ts';
import { loadServe } from './load-serve.ts';
import { wholeNumber } from './parse-options.ts';
import { loadPipelineFile } from './pipeline-file.ts';
import { formatModelAnswer, formatPrediction, type ModelAnswerSummary } from './prediction-text.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { jsonOption, modelsOption } from './run-options.ts';
import { takesRequests } from './run-pipelines.ts';
import { addTokenOptions, type TokenValues, tokenOf } from './server-options.ts';
import { UsageError } from './usage-error.ts';

interface Values extends TokenValues {
  readonly pipeline?: string;
  readonly model?: string;
  readonly server?: string;
  readonly query?: string;
  readonly models: string;
  readonly deadlineMs?: number;
  readonly json?: boolean;
}

/** What answers, its picture and the time so far. */
interface Asking {
  readonly values: Values;
  readonly image: Uint8Array;
  readonly signal: AbortSignal;
  /** When the command began, by `performance.now()`. */
  readonly startedMs: number;
}

/** `saccade predict`: answers one picture, as `saccade serve` does. */
export function createPredictCommand(): Command {
  const command = new Command('predict')
    .summary('answer one picture')
    .description(
      'Answers one picture: by a pipeline whose source is request(), by a model alone, or by a server that runs.\nThe answer is the one that the server gives, and that the frame of a stream gets.',
    )
    .argument('<image|url>', 'JPEG or PNG: a file, or an http(s) URL, which is then fetched (32 MiB, 10 s at most)')
    .option('--pipeline <file>', 'pipeline file')
    .option('--model <name>', 'model of the folder, name or name@version')
    .option('--server <url>', 'server that `saccade serve` runs')
    .option('--query <name>', 'pipeline of the file or the server, where it has several')
    .addOption(modelsOption())
    .addOption(
      new Option('--deadline-ms <n>', 'time in which a decision is wanted; else it is defaulted').argParser(
        wholeNumber(1),
      ),
    );
  return addTokenOptions(command, 'the token of the server')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ saccade predict door.jpg --pipeline pipelines.ts
  $ saccade predict door.jpg --model yolox-nano --json
  $ saccade predict http://10.0.0.7/snapshot.jpg --server http://127.0.0.1:8080 --query door`,
    )
    .action((location: string, values: Values) => runCommand(values, context => predict(location, values, context)));
}

async function predict(location: string, values: Values, { signal, print }: CommandContext): Promise<void> {
  const { pipeline, model, server } = values;
  const given = [pipeline, model, server].filter(one => one !== undefined).length;
  if (given !== 1) throw new UsageError('expected one of --pipeline, --model and --server.');
  if (model !== undefined && values.query !== undefined) throw new UsageError('--query does not go with --model.');
  const startedMs = performance.now();
  const { loadImage } = await loadServe();
  const image = await loadImage({ location, signal });
  const asking: Asking = { values, image, signal, startedMs };
  if (model !== undefined) {
    const answer = await askModel(model, asking);
    print(answer, formatModelAnswer(answer));
    return;
  }
  const body = pipeline === undefined ? await askServer(server ?? '', asking) : await askPipeline(pipeline, asking);
  print(body, formatPrediction(body));
}

async function askPipeline(file: string, { values, image, signal, startedMs }: Asking): Promise<PredictBody> {
  const { predictPicture, timingOf } = await loadServe();
  const { pipelines, redactError } = await loadPipelineFile(file);
  const asked = pipelines.filter(takesRequests);
  const query = oneOf(
    asked.map(({ name }) => name),
    values.query,
    `pipelines of ${file} whose source is request()`,
  );
  await using deployment = deploy(
    asked.filter(({ name }) => name === query),
    { models: values.models },
  );
  try {
    const sources = (await deployment.prepareRequests()).get(query) ?? { plan: null, models: [] };
    const options = { deadlineMs: values.deadlineMs, signal };
    const { queryMs, ...answered } = await predictPicture({ deployment, query, sources }, image, options);
    return { requestId: 'local', ...answered, timing: timingOf({ queryMs, totalMs: performance.now() - startedMs }) };
  } catch (error) {
    throw redactError(error);
  }
}

async function askModel(reference: string, { values, image, signal, startedMs }: Asking): Promise<ModelAnswerSummary> {
  await using server = await ModelServer.open({ folder: values.models, models: [reference] });
  const [name = reference] = reference.split('@');
  const { deadlineMs } = values;
  const { answer, version, sha256, modelMs } = await server
    .model(name)
    .ask({ kind: 'image', bytes: image }, { signal, ...(deadlineMs !== undefined && { deadlineMs }) });
  if (answer.kind === 'tensors') throw new Error('a model that was asked about a picture answered with tensors');
  return { model: name, version, sha256, answer, timing: { modelMs, totalMs: performance.now() - startedMs } };
}

async function askServer(server: string, { values, image, signal }: Asking): Promise<PredictBody> {
  const token = tokenOf(values);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${await readSecret(token)}` };
  const base = server.replace(/\/+$/, '');
  const ask = (path: string, init: RequestInit = {}): Promise<object> =>
    askJson(`${base}${path}`, { ...init, signal, headers: { ...authorization, ...init.headers } });
  const named = values.query ?? (await onlyQuery(ask, server));
  const search = values.deadlineMs === undefined ? '' : `?deadlineMs=${values.deadlineMs}`;
  const headers = { 'content-type': 'application/octet-stream' };
  const path = `/v1/queries/${encodeURIComponent(named)}:predict${search}`;
  return (await ask(path, { method: 'POST', body: Buffer.from(image), headers })) as PredictBody;
}

async function onlyQuery(ask: (path: string) => Promise<object>, server: string): Promise<string> {
  const { queries = [] } = (await ask('/v1/queries')) as { queries?: readonly { readonly name: string }[] };
  return oneOf(
    queries.map(({ name }) => name),
    undefined,
    `queries of ${redactUrl(server)}`,
  );
}

async function askJson(url: string, init: RequestInit): Promise<object> {
  const { serveErrors } = await loadServe();
  const strange = (reason: string, cause?: unknown): Error =>
    serveErrors.create('SERVE_SERVER_UNREACHABLE', { url: redactUrl(url), reason }, { cause });
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, init);
    body = await response.json();
  } catch (error) {
    init.signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw strange(cause instanceof Error ? cause.message : String(cause), error);
  }
  if (typeof body !== 'object' || body === null) throw strange('its answer is no object');
  if (response.ok) return body;
  const { error, code } = body as { error?: unknown; code?: unknown };
  if (typeof error !== 'string' || typeof code !== 'string') throw strange(`it answers with status ${response.status}`);
  throw fromErrorRecord({ code, message: error, remedy: '', retryable: response.status >= 429 });
}

/** The name that is wanted among those that there are. @throws UsageError - when it is not there, or none is the only one. */
function oneOf(names: readonly string[], wanted: string | undefined, what: string): string {
  const [only] = names;
  const found = wanted === undefined && names.length === 1 ? only : names.find(name => name === wanted);
  if (found !== undefined) return found;
  const known = names.join(', ') || 'none';
  throw new UsageError(`expected --query to name one of the ${what}: ${known}.`);
}
