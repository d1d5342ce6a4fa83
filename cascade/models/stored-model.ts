import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { engineOf } from '../engines/engines.ts';
import { cascadeErrors } from '../errors.ts';
import { engineOfModel, type ModelDeclaration, parseModelDeclaration } from './model-declaration.ts';

/** A version of a model in a folder: plain data that may cross processes. The bytes are not checked until loading. */
export interface StoredModel {
  /** Absolute path of the version folder. */
  readonly folder: string;
  /** Absolute path of its network: model.onnx, or what its engine has instead. */
  readonly networkPath: string;
  /** Content of its model.json. */
  readonly declaration: ModelDeclaration;
}

/** Name of the declaration within a version folder. */
export const DECLARATION_FILE = 'model.json';

/**
 * Reads the declaration of a version folder.
 * @param path - The folder, or the model.json in it.
 * @throws CASCADE_MODEL_DECLARATION_INVALID - when model.json is missing, no JSON, or does not fit the schema.
 */
export async function readStoredModel(path: string): Promise<StoredModel> {
  const absolute = resolve(path);
  const folder = basename(absolute) === DECLARATION_FILE ? dirname(absolute) : absolute;
  const declarationPath = join(folder, DECLARATION_FILE);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(declarationPath, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const issues = `expected a JSON file; got ${reason}`;
    throw cascadeErrors.create('CASCADE_MODEL_DECLARATION_INVALID', { path: declarationPath, issues }, { cause });
  }
  const declaration = parseModelDeclaration(value, declarationPath);
  return { folder, networkPath: join(folder, engineOf(engineOfModel(declaration)).file), declaration };
}
