import { described, invalidField } from './request-field.ts';

/** The elements of a nested array, row-major, and the shape that the nesting has. */
export interface FlatValues {
  /** Outermost dimension first; empty for a bare value. */
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}

/** Deeper nesting is no tensor that any model takes. */
const mostDimensions = 16;

/**
 * Flattens a nested JSON array.
 * @throws SERVE_REQUEST_INVALID - when it is ragged or has more than 16 dimensions.
 */
export function flattenValues(value: unknown, field: string): FlatValues {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0] as unknown) {
    shape.push(inner.length);
    if (shape.length > mostDimensions) throw invalidField(field, `at most ${mostDimensions} dimensions`, 'more');
  }
  const values: unknown[] = [];
  collect(value, 0);
  return { shape, values };

  function collect(part: unknown, depth: number): void {
    const size = shape[depth];
    if (size === undefined) {
      if (Array.isArray(part)) throw invalidField(field, `rows of equal shape [${shape.join(', ')}]`, 'deeper ones');
      values.push(part);
      return;
    }
    if (!Array.isArray(part) || part.length !== size) {
      throw invalidField(field, `rows of equal shape: an array of ${size} at depth ${depth + 1}`, described(part));
    }
    // The innermost dimension without a call for each element: pictures have many.
    if (depth === shape.length - 1) {
      for (const element of part as unknown[]) {
        if (Array.isArray(element)) throw invalidField(field, 'rows of equal shape', 'deeper ones');
        values.push(element);
      }
    } else for (const row of part as unknown[]) collect(row, depth + 1);
  }
}

/** Nests flat values into the shape; a shape of no dimension gives the one value itself. */
export function nestValues(values: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0];
  let rows: readonly unknown[] = values;
  for (let depth = shape.length - 1; depth >= 1; depth--) {
    const size = shape[depth] ?? 0;
    const count = shape.slice(0, depth).reduce((product, dimension) => product * dimension, 1);
    const outer = rows;
    rows = Array.from({ length: count }, (_, i) => outer.slice(i * size, (i + 1) * size));
  }
  return rows;
}
