import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InferenceSession } from 'onnxruntime-node';
import { cascadeErrors } from '../errors.ts';
import { type HeadDeclaration, headOfKind } from './heads.ts';
import type { ModelInput } from './input-declaration.ts';
import { type ModelDeclaration, parseModelDeclaration } from './model-declaration.ts';
import { modelVersions } from './model-repository.ts';
import { createSession, readOnnx } from './onnx-session.ts';
import { DECLARATION_FILE, ONNX_FILE, readStoredModel, type StoredModel } from './stored-model.ts';
import { dimensionOf, fitTensors } from './tensor-fit.ts';

/** What to add; whatever is left out is read from the ONNX file or taken from the head's preset. */
export interface AddModelOptions {
  /** The ONNX file; it is copied. */
  readonly onnxPath: string;
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
 * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_NOT_ONNX - when the file cannot be loaded.
 * @throws CASCADE_MODEL_HEAD_UNKNOWN, CASCADE_MODEL_DECLARATION_INVALID, CASCADE_MODEL_TENSORS_MISMATCH - when the
 *   options do not make a declaration that fits the file.
 * @throws CASCADE_MODEL_VERSION_EXISTS - when the version asked for is there with other content.
 */
export async function addModel(options: AddModelOptions): Promise<StoredModel> {
  const { onnxPath, name } = options;
  const folder = resolve(options.folder);
  const { bytes, sha256 } = await readOnnx(onnxPath);
  const session = await createSession(bytes, onnxPath);
  let draft: ModelDeclaration;
  try {
    draft = draftDeclaration(options, session, sha256);
    fitTensors(session, draft, onnxPath);
  } finally {
    await session.release();
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
  await writeVersion(folder, declaration, bytes);
  return readStoredModel(join(folder, name, String(declaration.version)));
}

function draftDeclaration(options: AddModelOptions, session: InferenceSession, sha256: string): ModelDeclaration {
  const { onnxPath, name, head, labels, version = 1, licence = 'unstated' } = options;
  const { preset } = headOfKind(typeof head === 'string' ? head : head.kind);
  const input = { ...inputOf(session, preset), ...options.input };
  const draft = {
    schema: 'saccade/model/1',
    name,
    version,
    sha256,
    licence,
    input,
    head: typeof head === 'string' ? preset.head : head,
    labels: labels ?? preset.labels,
  };
  return parseModelDeclaration(draft, `made for ${onnxPath}`);
}

/** What the file itself says of its input; what it leaves open is missing and must come from the options. */
function inputOf(
  session: InferenceSession,
  { resize, channelOrder }: Pick<ModelInput, 'resize' | 'channelOrder'>,
): Partial<Record<keyof ModelInput, unknown>> {
  const tensor = session.inputMetadata[0];
  if (tensor?.isTensor !== true) return { resize, channelOrder };
  const shape = tensor.shape.map(dimensionOf);
  const isChannels = (dimension: number | 'N' | undefined): boolean => dimension === 1 || dimension === 3;
  const layout = !isChannels(shape[1]) && isChannels(shape[3]) ? 'NHWC' : 'NCHW';
  const gray = (layout === 'NCHW' ? shape[1] : shape[3]) === 1;
  return {
    name: tensor.name,
    shape,
    dtype: tensor.type,
    layout,
    channelOrder: gray ? 'GRAY' : channelOrder,
    resize,
  };
}

async function writeVersion(folder: string, declaration: ModelDeclaration, bytes: Uint8Array): Promise<void> {
  const { name, version } = declaration;
  const target = join(folder, name, String(version));
  // A name that no version can have, in the same folder: renaming it is atomic and fails on an existing version.
  const temporary = join(folder, name, `.adding-${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    await writeFile(join(temporary, ONNX_FILE), bytes);
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
