import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a path holds one of the signs `*`, `?` or `[` that make it a pattern. */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/**
 * Files that match a glob pattern: `*` stands for any signs of a name, `?` for one, `[a-z]` for one of a set, `**` for
 * any folders. Names that start with a dot match only where the pattern says so. Folders that cannot be read are passed over.
 */
export function findByPattern(pattern: string): string[] {
  const steps = pattern.split('/');
  const start = steps[0] === '' ? '/' : '';
  const found = new Set<string>();
  walk(start, start === '' ? steps : steps.slice(1), found);
  return [...found];
}

function walk(folder: string, steps: readonly string[], found: Set<string>): void {
  const [step = '', ...rest] = steps;
  if (step === '**') {
    walk(folder, rest.length === 0 ? ['*'] : rest, found);
    for (const entry of entriesOf(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) walk(join(folder, entry.name), steps, found);
    }
    return;
  }
  if (!isPattern(step) && rest.length > 0) {
    walk(join(folder, step), rest, found);
    return;
  }
  const matches = isPattern(step) ? nameTest(step) : (name: string) => name === step;
  for (const entry of entriesOf(folder)) {
    if (!matches(entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length > 0) {
      if (!entry.isFile()) walk(path, rest, found);
    } else if (!entry.isDirectory()) found.add(path);
  }
}

function nameTest(step: string): (name: string) => boolean {
  const source = step.replace(/\*+|\?|\[!?[^\]]+\]|[.+^${}()|[\]\\]/g, sign => {
    if (sign.startsWith('*')) return '.*';
    if (sign === '?') return '.';
    if (sign.startsWith('[') && sign.length > 2) return sign.replace('[!', '[^').replaceAll('\\', '\\\\');
    return `\\${sign}`;
  });
  const test = new RegExp(`^${source}$`, 'su');
  return name => test.test(name) && (step.startsWith('.') || !name.startsWith('.'));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
