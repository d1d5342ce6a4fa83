import { readFile } from 'node:fs/promises';
import { sinkErrors } from './errors.ts';

/** Where a secret is: in an environment variable, or in a file. Secrets themselves are never part of options. */
export type SecretSource = { readonly env: string } | { readonly file: string };

/**
 * Reads a secret; a line break at the end of a file does not count.
 * @throws SINK_SECRET_MISSING - when it is not there or empty.
 */
export async function readSecret(source: SecretSource): Promise<string> {
  if ('env' in source) {
    const secret = process.env[source.env] ?? '';
    if (secret === '') throw missing(`of the environment variable ${source.env}`, 'it is not set, or empty');
    return secret;
  }
  let secret: string;
  try {
    secret = (await readFile(source.file, 'utf8')).trimEnd();
  } catch (cause) {
    throw missing(`in the file ${source.file}`, cause instanceof Error ? cause.message : String(cause));
  }
  if (secret === '') throw missing(`in the file ${source.file}`, 'it is empty');
  return secret;
}

function missing(place: string, reason: string): Error {
  return sinkErrors.create('SINK_SECRET_MISSING', { place, reason });
}
