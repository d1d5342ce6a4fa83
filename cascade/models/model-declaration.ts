import { z } from 'zod';
import { type EngineDeclaration, engineSchema } from '../engines/engine-declaration.ts';
import { cascadeErrors } from '../errors.ts';
import { describeIssues } from '../schema-issues.ts';
import { type HeadDeclaration, headSchema } from './heads.ts';
import { type ModelInput, modelInputSchema } from './input-declaration.ts';

/** Everything that is needed to feed a model and to read its answers: the content of a model.json. */
export interface ModelDeclaration {
  readonly schema: 'saccade/model/1';
  /** Name in the repository: letters, digits, `.`, `_`, `-`; begins with a letter or digit. */
  readonly name: string;
  /** Version, an integer from 1; the highest is the default. */
  readonly version: number;
  /**
   * SHA-256 of the network in 64 lower-case hex digits: of model.onnx; of the list of files of a TensorFlow.js model; of the
   * declared engine for a model of another server, whose bytes it does not cover.
   */
  readonly sha256: string;
  /** SPDX identifier of the licence, or a word on it such as `unstated`. */
  readonly licence: string;
  /** What runs the network. Default: `{ "kind": "onnx" }`. */
  readonly engine?: EngineDeclaration | undefined;
  readonly input: ModelInput;
  readonly head: HeadDeclaration;
  /** Class names in the order of the model's scores; one for a model that answers one question. */
  readonly labels: readonly string[];
}

/** Schema of model.json. */
export const modelDeclarationSchema: z.ZodType<ModelDeclaration> = z.strictObject({
  schema: z.literal('saccade/model/1'),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, ".", "_" or "-"'),
  version: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'),
  licence: z.string().min(1),
  engine: engineSchema.optional(),
  input: modelInputSchema,
  head: headSchema,
  labels: z
    .array(z.string().min(1))
    .min(1)
    .refine(labels => new Set(labels).size === labels.length, 'expected each label once'),
});

/**
 * Checks a declaration that was read from JSON.
 * @param path - Where it came from, for the message.
 * @throws CASCADE_MODEL_DECLARATION_INVALID - when fields are missing or wrong; the message names up to five of them.
 */
export function parseModelDeclaration(value: unknown, path: string): ModelDeclaration {
  const parsed = modelDeclarationSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw cascadeErrors.create('CASCADE_MODEL_DECLARATION_INVALID', { path, issues: describeIssues(parsed.error) });
}

/** The engine of a declared model. */
export function engineOfModel({ engine }: Pick<ModelDeclaration, 'engine'>): EngineDeclaration {
  return engine ?? { kind: 'onnx' };
}
