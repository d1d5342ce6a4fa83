import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { NetworkSource } from '../engines/engine.ts';
import { type EngineDeclaration, engineSchema, type RemoteEngineDeclaration } from '../engines/engine-declaration.ts';
import { engineOf } from '../engines/engines.ts';
import type { Network } from '../engines/network.ts';
import { tfjsFormat } from '../engines/tfjs-engine.ts';
import { cascadeErrors } from '../errors.ts';
import { describeIssues } from '../schema-issues.ts';
import { type HeadDeclaration, headOfKind } from './heads.ts';
import type { ModelInput } from './input-declaration.ts';
import { type ModelDeclaration, parseModelDeclaration } from './model-declaration.ts';
import { modelVersions } from './model-repository.ts';
import { DECLARATION_FILE, readStoredModel, type StoredModel } from './stored-model.ts';
import { dataTypeName } from './tensor-data.ts';
import { dimensionOf, fitTensors } from './tensor-fit.ts';

/** The network to add, by its engine. */
export type AddedNetwork =
  | {
      /** An ONNX file; it is copied. */
      readonly onnxPath: string;
    }
  | {
      /** The model.json of a TensorFlow.js model; it is copied with the weights beside it. */
      readonly tfjsPath: string;
    }
  | {
      /** A model of another server, which is asked what it takes and gives. */
      readonly remote: Omit<RemoteEngineDeclaration, 'kind' | 'timeoutMs'> & {
        readonly timeoutMs?: number | undefined;
      };
    };

/** What to add; whatever is left out is read from the network or taken from the head's preset. */
export type AddModelOptions = AddedNetwork & AddedDeclaration;

/** What is declared of a network that is added. */
export interface AddedDeclaration {
  /** The repository; made when it does not exist. */
  readonly folder: string;
  /** Name in the repository. */
  readonly name: string;
  /** A kind of head (`yolox`, `pvb`, `binary`) with its preset, or the whole declaration of one. */
  readonly head: string | HeadDeclaration;
  /** Version, from 1. Default: one above the highest, or the highest itself when that is the same model. */
  readonly version?: number | undefined;
  /** SPDX identifier of the licence. Default `unstated`. */
  readonly licence?: string | undefined;
  /** Class names in the order of the scores. Default: the head's preset (COCO's 80 for yolox); binary has none. */
  readonly labels?: readonly string[] | undefined;
  /** Fields of the input that differ from what the file and the preset say. */
  readonly input?: Partial<ModelInput> | undefined;
}

/**
 * Copies a model into a repository with a declaration, after checking that the two go together. The version appears
 * whole or not at all, and existing versions are never changed.
 * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_NOT_ONNX, CASCADE_MODEL_NOT_TFJS, CASCADE_TFJS_MISSING - when the file
 *   cannot be loaded.
 * @throws CASCADE_REMOTE_UNREACHABLE, CASCADE_REMOTE_REFUSED, CASCADE_REMOTE_ANSWER_INVALID, CASCADE_REMOTE_TOKEN_MISSING -
 *   when the other server does not say what its model takes.
 * @throws CASCADE_MODEL_HEAD_UNKNOWN, CASCADE_MODEL_DECLARATION_INVALID, CASCADE_MODEL_TENSORS_MISMATCH - when the
 *   options do not make a declaration that fits the network.
 * @throws CASCADE_MODEL_VERSION_EXISTS - when the version asked for is there with other content.
 */
export async function addModel(options: AddModelOptions): Promise<StoredModel> {
  const { name } = options;
  const folder = resolve(options.folder);
  const { path, declared } = await networkOf(options);
  const engine = engineOf(declared);
  const source = await engine.read(path, declared);
  let draft: ModelDeclaration;
  {
    await using network = await engine.load(source, declared, {});
    draft = draftDeclaration(options, { network, source, declared });
    fitTensors(network, draft, path);
  }
  const versions = await modelVersions(folder, name);
  const highest = versions.at(-1);
  const candidate = options.version ?? highest;
  if (candidate !== undefined && versions.includes(candidate)) {
    const existing = await readStoredModel(join(folder, name, String(candidate)));
    if (isDeepStrictEqual(existing.declaration, { ...draft, version: candidate })) return existing;
    if (options.version !== undefined) throw versionExists(folder, name, candidate);
  }
  const declaration = { ...draft, version: options.version ?? (highest ?? 0) + 1 };
  await writeVersion(folder, declaration, source);
  return readStoredModel(join(folder, name, String(declaration.version)));
}

async function networkOf(added: AddedNetwork): Promise<{ path: string; declared: EngineDeclaration }> {
  if ('onnxPath' in added) return { path: added.onnxPath, declared: { kind: 'onnx' } };
  if ('remote' in added) {
    const parsed = engineSchema.safeParse({ kind: 'remote', ...added.remote }, { reportInput: true });
    if (parsed.success) return { path: added.remote.url, declared: parsed.data };
    const details = { path: `made for ${added.remote.url}`, issues: describeIssues(parsed.error) };
    throw cascadeErrors.create('CASCADE_MODEL_DECLARATION_INVALID', details);
  }
  return { path: added.tfjsPath, declared: { kind: 'tfjs', format: await tfjsFormat(added.tfjsPath) } };
}

interface LoadedNetwork {
  readonly network: Network;
  readonly source: NetworkSource;
  readonly declared: EngineDeclaration;
}

function draftDeclaration(options: AddedDeclaration, { network, source, declared }: LoadedNetwork): ModelDeclaration {
  const { name, head, labels, version = 1, licence = 'unstated' } = options;
  const { preset } = headOfKind(typeof head === 'string' ? head : head.kind);
  const input = { ...inputOf(network, preset), ...options.input };
  const draft = {
    schema: 'saccade/model/1',
    name,
    version,
    sha256: source.sha256,
    licence,
    ...(declared.kind === 'onnx' ? {} : { engine: declared }),
    input,
    head: typeof head === 'string' ? preset.head : head,
    labels: labels ?? preset.labels,
  };
  return parseModelDeclaration(draft, `made for ${source.path}`);
}

/** What the network itself says of its input; what it leaves open is missing and must come from the options. */
function inputOf(
  { inputs: [tensor] }: Network,
  { resize, channelOrder }: Pick<ModelInput, 'resize' | 'channelOrder'>,
): Partial<Record<keyof ModelInput, unknown>> {
  if (tensor?.datatype === undefined) return { resize, channelOrder };
  const shape = tensor.shape.map(dimensionOf);
  const isChannels = (dimension: number | 'N' | undefined): boolean => dimension === 1 || dimension === 3;
  const layout = !isChannels(shape[1]) && isChannels(shape[3]) ? 'NHWC' : 'NCHW';
  const gray = (layout === 'NCHW' ? shape[1] : shape[3]) === 1;
  return {
    name: tensor.name,
    shape,
    dtype: dataTypeName(tensor.datatype),
    layout,
    channelOrder: gray ? 'GRAY' : channelOrder,
    resize,
  };
}

async function writeVersion(folder: string, declaration: ModelDeclaration, { files }: NetworkSource): Promise<void> {
  const { name, version } = declaration;
  const target = join(folder, name, String(version));
  // A name that no version can have, in the same folder: renaming it is atomic and fails on an existing version.
  const temporary = join(folder, name, `.adding-${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const { name: file, bytes } of files) {
      await mkdir(dirname(join(temporary, file)), { recursive: true });
      await writeFile(join(temporary, file), bytes);
    }
    await writeFile(join(temporary, DECLARATION_FILE), `${JSON.stringify(declaration, undefined, 2)}\n`);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (isExisting(error)) throw versionExists(folder, name, version);
    throw error;
  }
}

function isExisting(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
}

function versionExists(folder: string, name: string, version: number): Error {
  return cascadeErrors.create('CASCADE_MODEL_VERSION_EXISTS', { folder, name, version });
}
