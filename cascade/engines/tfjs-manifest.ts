import { z } from 'zod';
import { cascadeErrors } from '../errors.ts';
import { describeIssues } from '../schema-issues.ts';
import { readNetworkFile } from './read-network-file.ts';

/** A weights file lies beside model.json or below it, never elsewhere. */
const shardPath = z
  .string()
  .regex(/^(?!.*(?:^|[/\\])\.\.?(?:[/\\]|$))[^/\\:][^\\:]*$/, 'expected a path below model.json');

/** A model.json of TensorFlow.js: what is read of it; the rest is passed on. */
export interface TfjsManifest {
  readonly format?: string | undefined;
  readonly modelTopology: Readonly<Record<string, unknown>>;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly unknown[] }[];
}

const manifestSchema: z.ZodType<TfjsManifest> = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.looseObject({ paths: z.array(shardPath), weights: z.array(z.unknown()) })),
});

/**
 * Reads the model.json of a TensorFlow.js model.
 * @throws CASCADE_MODEL_FILE_MISSING - when it cannot be read. CASCADE_MODEL_NOT_TFJS - when it is something else.
 */
export async function readTfjsManifest(path: string): Promise<{ bytes: Uint8Array; manifest: TfjsManifest }> {
  const bytes = await readNetworkFile(path);
  return { bytes, manifest: parseTfjsManifest(bytes, path) };
}

/** The content of a model.json. @throws as {@link readTfjsManifest}. */
export function parseTfjsManifest(bytes: Uint8Array, path: string): TfjsManifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw cascadeErrors.create('CASCADE_MODEL_NOT_TFJS', { path, reason: 'it is no JSON' }, { cause });
  }
  const parsed = manifestSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw cascadeErrors.create('CASCADE_MODEL_NOT_TFJS', { path, reason: describeIssues(parsed.error) });
}
