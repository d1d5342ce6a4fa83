/** Values of less length are replaced only where they stand as a word of their own: others would tear every text apart. */
const shortestAnywhere = 4;

/**
 * Makes a function that puts the names of variables, `${NAME}`, in the place of their values: what comes from the environment
 * may be a secret, and is not printed. Also finds values as URLs and JSON write them.
 */
export function redactValues(
  values: readonly { readonly variable: string; readonly value: string }[],
): (text: string) => string {
  const names = new Map<string, string>();
  for (const { variable, value } of values) {
    const forms = [value, encodeURI(value), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
    for (const form of forms) if (form !== '') names.set(form, `\${${variable}}`);
  }
  if (names.size === 0) return text => text;
  const byLength = [...names.keys()].sort((a, b) => b.length - a.length);
  const any = new RegExp(byLength.map(patternOf).join('|'), 'gu');
  return text => text.replace(any, found => names.get(found) ?? found);
}

function patternOf(value: string): string {
  const literal = value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return value.length < shortestAnywhere ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal;
}
