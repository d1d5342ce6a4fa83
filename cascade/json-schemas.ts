import { z } from 'zod';
import { headKinds, headOfKind, headSchema } from './models/heads.ts';
import { modelDeclarationSchema } from './models/model-declaration.ts';
import { planSchema } from './plan.ts';
import { predicateForms, predicateSchema } from './predicate.ts';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema of a plan file, for editors; rules between fields (cLow ≤ cHigh) are checked on loading only. */
export function planJsonSchema(): JsonSchema {
  return publish(planSchema);
}

/** JSON Schema of a model.json. */
export function modelJsonSchema(): JsonSchema {
  return publish(modelDeclarationSchema);
}

/**
 * JSON Schema of what a schema reads, so that fields with a default may be missing. Schemas that choose among forms by
 * hand are published as the choice that they make.
 */
export function publish(schema: z.ZodType): JsonSchema {
  const $defs: Record<string, unknown> = {};
  const chosen = new Map<z.core.$ZodType, { name: string; forms: () => readonly z.ZodType[] }>([
    [predicateSchema, { name: 'predicate', forms: () => predicateForms }],
    [headSchema, { name: 'head', forms: () => headKinds.map(kind => headOfKind(kind).schema) }],
  ]);
  const convert = (part: z.ZodType): JsonSchema =>
    z.toJSONSchema(part, {
      io: 'input',
      reused: 'inline',
      override: ({ zodSchema, jsonSchema }) => {
        const choice = chosen.get(zodSchema);
        if (choice === undefined) return;
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        jsonSchema.$ref = `#/$defs/${choice.name}`;
        if (choice.name in $defs) return;
        $defs[choice.name] = {};
        const anyOf = choice.forms().map(form => {
          const { $schema: _, ...rest } = convert(form);
          return rest;
        });
        $defs[choice.name] = { anyOf };
      },
    });
  const converted = convert(schema);
  return Object.keys($defs).length === 0 ? converted : { ...converted, $defs };
}
