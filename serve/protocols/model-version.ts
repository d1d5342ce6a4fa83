import type { ModelServer, ServedVersion } from '../../cascade/index.ts';
import { cascadeErrors } from '../../cascade/index.ts';
import { described, invalidField } from './request-field.ts';

/**
 * A version as it stands in a path or a message: an integer from 1, or a label such as `stable`; empty or undefined is the
 * default version.
 * @throws SERVE_REQUEST_INVALID - when it is neither.
 */
export function readVersion(text: string | undefined): number | string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (/^[A-Za-z_]\w{0,99}$/.test(text)) return text;
  throw invalidField('version', 'an integer from 1, or a label of letters, digits and "_"', described(text));
}

/**
 * What the repository has of a model, or of one version of it; 1 or more entries.
 * @throws CASCADE_MODEL_NOT_FOUND - when it has none.
 */
export async function versionsOf(
  models: ModelServer,
  name: string,
  version: number | string | undefined,
): Promise<readonly ServedVersion[]> {
  const index = await models.index();
  const found = index.filter(
    entry =>
      entry.name === name &&
      (version === undefined || entry.version === version || entry.labels.includes(String(version))),
  );
  if (found.length > 0) return found;
  const reference = version === undefined ? name : `${name}, version ${version},`;
  const names = [...new Set(index.map(entry => entry.name))].slice(0, 20);
  const existing = names.join(', ') || 'none';
  throw cascadeErrors.create('CASCADE_MODEL_NOT_FOUND', { reference, folder: 'the repository', existing });
}

/**
 * Loads the highest version of a model of the repository; a name that is a path is not looked for elsewhere.
 * @throws CASCADE_MODEL_NOT_FOUND - when there is no such model; and what loading it throws.
 */
export async function loadModel(models: ModelServer, name: string): Promise<void> {
  await versionsOf(models, name, undefined);
  await models.load(name);
}
