import type { CascadePlan } from '../cascade/index.ts';

/** A field in which two plans differ. */
export interface FieldDifference {
  /** Where it is, such as `specializedModel.cLow`. */
  readonly path: string;
  /** Its value in the first plan; absent when the plan lacks the field. */
  readonly a?: unknown;
  /** Its value in the second. */
  readonly b?: unknown;
}

/** What differs between two plans, field by field, in the order of the fields; lists count as one field. */
export function planDifferences(a: CascadePlan, b: CascadePlan): FieldDifference[] {
  return differences({ ...a, expected: a.expected ?? null }, { ...b, expected: b.expected ?? null }, '');
}

function differences(a: unknown, b: unknown, path: string): FieldDifference[] {
  if (isRecord(a) && isRecord(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap(key => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  return [{ path, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value on one line, cut off where it is long. */
export function showValue(value: unknown): string {
  if (value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 44 ? `${text.slice(0, 41)}...` : text;
}
