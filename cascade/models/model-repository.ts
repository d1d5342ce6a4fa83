import { access, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { cascadeErrors } from '../errors.ts';
import { DECLARATION_FILE, readStoredModel, type StoredModel } from './stored-model.ts';

/** Where a project keeps its models, relative to the working directory. */
const DEFAULT_FOLDER = 'models';

/**
 * Every version of every model in a repository, laid out as `<folder>/<name>/<version>/model.onnx` with `model.json`, by
 * name, then by version, ascending. Empty when the folder does not exist. Folders without a model.json are passed over.
 * @throws CASCADE_MODEL_DECLARATION_INVALID - when a model.json is wrong, or says another name or version than its place.
 */
export async function listModels(folder: string): Promise<StoredModel[]> {
  const models: StoredModel[] = [];
  for (const name of await modelNames(folder)) {
    for (const version of await modelVersions(folder, name)) models.push(await readVersion(folder, name, version));
  }
  return models;
}

/** A version in a repository: what is stored there, or why that cannot be read. */
export interface RepositoryVersion {
  readonly name: string;
  readonly version: number;
  readonly found: StoredModel | Error;
}

/** As {@link listModels}, but a version with a wrong model.json is among them with what is wrong. */
export async function scanModels(folder: string): Promise<RepositoryVersion[]> {
  const versions: RepositoryVersion[] = [];
  for (const name of await modelNames(folder)) {
    for (const version of await modelVersions(folder, name)) {
      const found = await readVersion(folder, name, version).catch((error: Error) => error);
      versions.push({ name, version, found });
    }
  }
  return versions;
}

/**
 * Finds one model.
 * @param reference - `name` (its highest version), `name@version`, or the path of a version folder or of its model.json;
 *   whatever has a path separator or begins with `.` is a path, relative to the working directory.
 * @param folder - The repository; does not matter for a path. Default `models`, in the working directory.
 * @throws CASCADE_MODEL_NOT_FOUND - when there is none; the message lists what there is.
 * @throws CASCADE_MODEL_DECLARATION_INVALID - when its model.json is wrong.
 */
export async function findModel(reference: string, folder: string = DEFAULT_FOLDER): Promise<StoredModel> {
  if (isPath(reference)) {
    const absolute = resolve(reference);
    const declaration = basename(absolute) === DECLARATION_FILE ? absolute : join(absolute, DECLARATION_FILE);
    if (await exists(declaration)) return readStoredModel(absolute);
    throw await notFound(reference, folder);
  }
  const [name = '', wanted] = reference.split('@');
  const versions = (await modelNames(folder)).includes(name) ? await modelVersions(folder, name) : [];
  const version = wanted === undefined ? versions.at(-1) : versions.find(v => String(v) === wanted);
  if (version === undefined) throw await notFound(reference, folder);
  return readVersion(folder, name, version);
}

/** Versions of one model, ascending; empty when there is no such model. */
export async function modelVersions(folder: string, name: string): Promise<number[]> {
  const versions: number[] = [];
  for (const entry of await subfolders(join(folder, name))) {
    if (!/^[1-9]\d*$/.test(entry)) continue;
    if (await exists(join(folder, name, entry, DECLARATION_FILE))) versions.push(Number(entry));
  }
  return versions.sort((a, b) => a - b);
}

async function readVersion(folder: string, name: string, version: number): Promise<StoredModel> {
  const path = join(folder, name, String(version));
  const stored = await readStoredModel(path);
  const { declaration } = stored;
  if (declaration.name === name && declaration.version === version) return stored;
  const issues = `expected name ${name} and version ${version} as the folders say; got ${declaration.name}, ${declaration.version}`;
  throw cascadeErrors.create('CASCADE_MODEL_DECLARATION_INVALID', { path: join(path, DECLARATION_FILE), issues });
}

async function modelNames(folder: string): Promise<string[]> {
  return (await subfolders(folder)).filter(name => !name.startsWith('.')).sort();
}

async function notFound(reference: string, folder: string): Promise<Error> {
  const existing: string[] = [];
  for (const name of await modelNames(folder)) {
    for (const version of await modelVersions(folder, name)) existing.push(`${name}@${version}`);
  }
  return cascadeErrors.create('CASCADE_MODEL_NOT_FOUND', {
    reference,
    folder: resolve(folder),
    existing: existing.join(', ') || 'no models',
  });
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // A version may be a symbolic link to a folder that is shared between repositories.
    return entries.filter(entry => entry.isDirectory() || entry.isSymbolicLink()).map(entry => entry.name);
  } catch {
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function isPath(reference: string): boolean {
  return /[/\\]/.test(reference) || reference.startsWith('.') || reference.endsWith(DECLARATION_FILE);
}
