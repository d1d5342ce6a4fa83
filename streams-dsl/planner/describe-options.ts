/** Name and options of an operator or sink, as it is called, on one line. */
export function describeOptions({ kind, options }: { readonly kind: string; readonly options: object }): string {
  return `${kind}(${describeEntries(options)})`;
}

function describeEntries(options: object): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => `${name}: ${describeValue(value)}`).join(', ');
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describeValue).join(', ')}]`;
  // An operator within an operator, and windows, which are kept in µs.
  if (typeof value['kind'] === 'string' && isObject(value['options'])) {
    return describeOptions({ kind: value['kind'], options: value['options'] });
  }
  if ('latenessUs' in value) return describeWindow(value);
  return `{ ${describeEntries(value)} }`;
}

function describeWindow(window: Record<string, unknown>): string {
  const { kind, every, length, latenessUs } = window as {
    kind: string;
    every: number;
    length: number;
    latenessUs: number;
  };
  const size = (amount: number): string => (kind === 'time' ? `${amount / 1_000_000} s` : `${amount} items`);
  const parts = [`every ${size(every)}`];
  if (length !== every) parts.push(`the last ${size(length)}`);
  if (latenessUs > 0) parts.push(`${latenessUs / 1000} ms late`);
  return `window(${parts.join(', ')})`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
