import { sinkErrors } from './errors.ts';

/** A part of a topic: fixed text, or the path of a field of the row. */
type Part = { readonly text: string } | { readonly path: readonly string[] };

/**
 * Reads a template such as `saccade/{stream}/{data.query}`; gives the function that fills it with the fields of a row. What
 * has a meaning in topics (`/`, `+`, `#`, and the null character) becomes `_`, as do fields that are not there.
 * @throws SINK_TOPIC_INVALID - when it is empty, or holds wildcards or braces that are not closed.
 */
export function topicTemplate(template: string): (row: unknown) => string {
  // Splitting by a group puts what it matched at the odd places.
  const parts = template
    .split(/\{([\w.]+)\}/)
    .map((part, index): Part => (index % 2 === 1 ? { path: part.split('.') } : { text: part }));
  const isFit = parts.every(part => !('text' in part) || !/[{}+#\0]/.test(part.text));
  if (template === '' || !isFit) throw sinkErrors.create('SINK_TOPIC_INVALID', { topic: template });
  return row => parts.map(part => ('text' in part ? part.text : fieldOf(row, part.path))).join('');
}

function fieldOf(row: unknown, path: readonly string[]): string {
  let value = row;
  for (const name of path) {
    value =
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return value === undefined || value === null || value === '' ? '_' : String(value).replace(/[/+#\0]/g, '_');
}
