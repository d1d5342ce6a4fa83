/** Lines of `name  value`, the values in one column. */
export function formatFacts(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

/** A table whose first column is aligned to the left and the others to the right; the first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [head, ...body] = rows;
  if (head === undefined) return '';
  return `${[line(head), widths.map(width => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n')}\n`;
}

/** A share as percent with 2 decimals below 10 %, 1 above; a dash for null. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
}

/** A number with 3 significant digits, or whole from 100 on. */
export function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** Bytes as MiB. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
