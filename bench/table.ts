/** Prints rows as an aligned table with a title; numbers go to the right. */
export function printTable(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const cells = [columns, ...rows.map(row => columns.map(column => String(row[column] ?? '')))];
  const widths = columns.map((_, i) => Math.max(...cells.map(row => row[i]?.length ?? 0)));
  const isNumber = columns.map(column =>
    rows.every(row => typeof row[column] === 'number' || /^[\d.–-]/.test(String(row[column]))),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ');
  console.log(`\n${title}`);
  for (const [i, row] of cells.entries()) {
    console.log(line(row));
    if (i === 0) console.log(widths.map(width => '-'.repeat(width)).join('  '));
  }
}
