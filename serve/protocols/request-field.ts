import type { SaccadeError } from '../../ingest/index.ts';
import { serveErrors } from '../errors.ts';

/**
 * The error for one field of a request.
 * @param field - Path of the field, such as `inputs[0].shape`.
 * @param got - What came; text of a client must have gone through `described`.
 */
export function invalidField(field: string, expected: string, got: string): SaccadeError {
  return serveErrors.create('SERVE_REQUEST_INVALID', { field, expected, got });
}

/** Names a value in a message: its kind, and the value itself as far as it is short. */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string') return `${String(value)}`;
  // Control characters would let a client write lines of its own into logs.
  const shown = value.slice(0, 60).replace(/[\p{Cc}\p{Cs}]/gu, '?');
  return `"${shown}${value.length > 60 ? '…' : ''}"`;
}

/** A JSON object, not an array. */
export function readObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidField(field, 'an object', described(value));
}

/** A JSON object, or an empty one where the field is missing. */
export function readOptionalObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  return value === undefined || value === null ? {} : readObject(value, field);
}

/** A JSON array. */
export function readArray(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw invalidField(field, 'an array', described(value));
}

/** A text of 1 to 1,000 characters. */
export function readName(value: unknown, field: string): string {
  if (typeof value === 'string' && value.length >= 1 && value.length <= 1000) return value;
  throw invalidField(field, 'a text of 1 to 1,000 characters', described(value));
}

/** A boolean, or `otherwise` where the field is missing. */
export function readBoolean(value: unknown, field: string, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'boolean') return value;
  throw invalidField(field, 'true or false', described(value));
}

/** A shape: up to 16 dimensions from 0, whose product is a safe integer. */
export function readShape(value: unknown, field: string): readonly number[] {
  const shape = readArray(value, field);
  if (shape.length > 16) throw invalidField(field, 'at most 16 dimensions', `${shape.length}`);
  let elements = 1;
  for (const [i, size] of shape.entries()) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalidField(`${field}[${i}]`, 'an integer from 0', described(size));
    }
    elements *= size;
  }
  if (!Number.isSafeInteger(elements)) throw invalidField(field, 'at most 2^53 elements', shown(shape));
  return shape as readonly number[];
}

/** Number of elements of a checked shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape in a message. */
export function shown(shape: readonly unknown[]): string {
  return `[${shape.slice(0, 16).join(', ')}]`;
}
