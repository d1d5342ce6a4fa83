import { z } from 'zod';
import { cascadeErrors } from '../errors.ts';
import { forwardIssues } from '../schema-issues.ts';
import { type BinaryHeadDeclaration, binaryHead } from './binary-head.ts';
import type { ModelHead } from './model-head.ts';
import { type PvbHeadDeclaration, pvbHead } from './pvb-head.ts';
import { type YoloxHeadDeclaration, yoloxHead } from './yolox-head.ts';

/** The `head` of a model.json, told apart by `kind`. A new head is a file, a member here and a line in the table. */
export type HeadDeclaration = YoloxHeadDeclaration | PvbHeadDeclaration | BinaryHeadDeclaration;

const table: { readonly [Kind in HeadDeclaration['kind']]: ModelHead<Extract<HeadDeclaration, { kind: Kind }>> } = {
  yolox: yoloxHead,
  pvb: pvbHead,
  binary: binaryHead,
};

/** Kinds of all heads. */
export const headKinds: readonly string[] = Object.keys(table);

/** Checks the `head` of a model.json by the schema of its kind. */
export const headSchema: z.ZodType<HeadDeclaration> = z
  .looseObject({ kind: z.string() })
  .transform((value, context): HeadDeclaration => {
    if (!isHeadKind(value.kind)) {
      context.issues.push({
        code: 'custom',
        path: ['kind'],
        message: `expected one of ${headKinds.join(', ')}`,
        input: value.kind,
      });
      return z.NEVER;
    }
    const parsed = table[value.kind].schema.safeParse(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    forwardIssues(parsed.error, context);
    return z.NEVER;
  });

/**
 * The head of a kind.
 * @throws CASCADE_MODEL_HEAD_UNKNOWN - when there is none; the message lists those that exist.
 */
export function headOfKind(kind: string): ModelHead<HeadDeclaration> {
  // Safe because a head is only ever given declarations of its own kind, which its schema has checked.
  if (isHeadKind(kind)) return table[kind] as ModelHead<HeadDeclaration>;
  throw cascadeErrors.create('CASCADE_MODEL_HEAD_UNKNOWN', { head: kind, known: headKinds.join(', ') });
}

function isHeadKind(kind: string): kind is HeadDeclaration['kind'] {
  return Object.hasOwn(table, kind);
}
