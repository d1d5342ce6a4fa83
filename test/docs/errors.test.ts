import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cascadeErrors } from '../../cascade/index.ts';
import { cliErrors } from '../../cli/control/control-errors.ts';
import { type ErrorEntry, ingestErrors } from '../../ingest/index.ts';
import { optimizerErrors } from '../../optimizer/index.ts';
import { serveErrors } from '../../serve/index.ts';
import { sinkErrors } from '../../sinks/index.ts';
import { streamsErrors } from '../../streams-dsl/index.ts';
import { packageRoot } from '../package-root.ts';

const tables: Record<string, Readonly<Record<string, ErrorEntry>>> = {
  ingest: ingestErrors.entries,
  cascade: cascadeErrors.entries,
  optimizer: optimizerErrors.entries,
  sinks: sinkErrors.entries,
  'streams-dsl': streamsErrors.entries,
  serve: serveErrors.entries,
  cli: cliErrors.entries,
};

/** docs/errors.md as it must be; `vitest run -u` writes it. */
function page(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const sections = Object.entries(tables).map(([room, entries]) => {
    const rows = Object.entries(entries).map(
      ([code, { message, remedy, retryable }]) =>
        `| \`${code}\` | ${cell(message)} | ${cell(remedy)} | ${retryable ? 'yes' : 'no'} |`,
    );
    return [`## ${room}/`, '', '| code | what happened | how to solve it | retry helps |', '|-|-|-|-|', ...rows].join(
      '\n',
    );
  });
  const intro = 'Every error of Saccade has a stable code; commands print `error [CODE]: what happened. what to do.`';
  return `# Errors\n\n${intro}\n\n${sections.join('\n\n')}\n`;
}

it('documents every code, and no code that does not exist', async () => {
  await expect(page()).toMatchFileSnapshot(join(packageRoot, 'docs', 'errors.md'));
});

const tests = readdirSync(join(packageRoot, 'test'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.ts'))
  .map(file => readFileSync(join(packageRoot, 'test', file), 'utf8'))
  .join('\n');

it.each(Object.values(tables).flatMap(entries => Object.keys(entries)))('%s is thrown by a test', code => {
  expect(tests).toContain(code);
});
