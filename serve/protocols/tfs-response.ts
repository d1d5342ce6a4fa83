import { nestValues } from './flatten-values.ts';
import type { Inferred } from './infer.ts';
import { invalidField } from './request-field.ts';
import { readValues } from './tensor-data.ts';
import type { WireTensor } from './wire-tensor.ts';

/**
 * The answer to a predict request as JSON: `predictions`, one a row, or `outputs`. A single output drops its name. NaN and
 * Infinity are bare tokens, as TensorFlow Serving writes them.
 */
export function formatPredictions({ outputs }: Pick<Inferred, 'outputs'>, isRows: boolean): string {
  const [only] = outputs;
  if (!isRows) {
    if (only !== undefined && outputs.length === 1) return `{"outputs":${nestedJson(only)}}`;
    const fields = outputs.map(output => `${JSON.stringify(output.name)}:${nestedJson(output)}`);
    return `{"outputs":{${fields.join(',')}}}`;
  }
  if (only !== undefined && outputs.length === 1) return `{"predictions":${nestedJson(only)}}`;
  const columns = outputs.map(output => ({ name: JSON.stringify(output.name), rows: rowsOf(output) }));
  const count = columns[0]?.rows.length ?? 0;
  if (columns.some(column => column.rows.length !== count)) {
    throw invalidField('instances', 'the column form "inputs", since outputs differ in their first dimension', 'rows');
  }
  const rows = Array.from({ length: count }, (_, i) => {
    const fields = columns.map(({ name, rows: column }) => `${name}:${relaxedJson(column[i])}`);
    return `{${fields.join(',')}}`;
  });
  return `{"predictions":[${rows.join(',')}]}`;
}

/** A number as JSON that Python reads as a float, as TensorFlow Serving writes scores. */
export function floatJson(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}

/** JSON with bare NaN and Infinity, and with 64-bit integers in full. */
export function relaxedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(relaxedJson).join(',')}]`;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${relaxedJson(field)}`);
  return `{${fields.join(',')}}`;
}

function nestedJson(output: WireTensor): string {
  return relaxedJson(nestValues(plainValues(output), output.shape));
}

function rowsOf(output: WireTensor): readonly unknown[] {
  return nestValues(plainValues(output), output.shape) as readonly unknown[];
}

function plainValues(tensor: WireTensor): readonly unknown[] {
  if (tensor.datatype === 'BYTES') return tensor.elements.map(element => Buffer.from(element).toString());
  const values = Array.from<number | bigint>(readValues(tensor.datatype, tensor.data) as Iterable<number | bigint>);
  return tensor.datatype === 'BOOL' ? values.map(value => value !== 0) : values;
}
