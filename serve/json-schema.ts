import type { JsonSchema } from '../cascade/index.ts';

/** A schema of an object whose fields are all there, but for those that are named. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter(name => !optional.includes(name));
  return { type: 'object', properties, required };
}

/** A list of equal things. */
export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A number from 0 to 1. */
export const shareSchema: JsonSchema = { type: 'number', minimum: 0, maximum: 1 };

/** A whole number, 0 or more. */
export const countSchema: JsonSchema = { type: 'integer', minimum: 0 };

/** A schema that takes null too. */
export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** What every error answers. */
const errorSchema = objectSchema({
  error: { type: 'string', description: 'What happened, what was expected and what was found' },
  code: { type: 'string', description: 'Stable code; docs/errors.md lists them' },
});

const descriptions: Readonly<Record<number, string>> = {
  400: 'The request is wrong; the error names the field, what was expected and what was found',
  401: 'The token is missing or wrong',
  403: 'A page from elsewhere called a server without a token',
  404: 'There is no such thing',
  405: 'The path takes other methods, which the header Allow lists',
  408: 'The request did not arrive in time',
  413: 'The body is too large',
  415: 'The content type is not read here',
  422: 'A model cannot compute with what was sent',
  429: 'Too many requests: wait as long as the header Retry-After says',
  500: 'The server failed; its own output tells why',
  503: 'Overloaded, or being stopped: wait as long as the header Retry-After says',
  504: 'A model gave no answer within the deadline',
};

/** Errors that any route may answer. */
const always = [401, 403, 429, 500, 503];

/** The answers of a route: what it gives when all is well, and the errors that it may answer beside those that any may. */
export function responses(good: Readonly<Record<string, unknown>>, errors: readonly number[] = []): object {
  return { ...good, ...failures([...errors, ...always]) };
}

/** The answers of a route that needs no token and turns nobody away. */
export function openResponses(good: Readonly<Record<string, unknown>>, errors: readonly number[] = []): object {
  return { ...good, ...failures([...errors, 403, 429]) };
}

function failures(statuses: readonly number[]): object {
  const failed = [...statuses]
    .sort((a, b) => a - b)
    .map(status => {
      const content = { 'application/json': { schema: errorSchema } };
      return [status, { description: descriptions[status] ?? '', content }];
    });
  return Object.fromEntries(failed);
}

/** An answer in JSON. */
export function json(description: string, schema: JsonSchema): object {
  return { description, content: { 'application/json': { schema } } };
}
