import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import { fromErrorRecord, SaccadeError, toErrorRecord } from '../../ingest/index.ts';
import { streamsErrors } from '../errors.ts';
import type { Pipeline } from '../pipeline.ts';

/**
 * Runs a program in TypeScript or JavaScript and collects the pipelines that it exports.
 * @param path - Relative to the working directory.
 * @param modules - What the program gets for imports of these names, here and in the files that it imports.
 * @throws STREAMS_FILE_FAILED - when it fails, with the line; STREAMS_FILE_EMPTY - when it exports none. Errors of ours that
 *   it runs into keep their code, and are told with the line.
 */
export async function importPipelines(path: string, modules: Readonly<Record<string, object>>): Promise<Pipeline[]> {
  const absolute = resolve(path);
  const jiti = createJiti(pathToFileURL(absolute).href, {
    virtualModules: { ...modules },
    // A cache of what is going to be run would lie where other users of the machine may write.
    fsCache: false,
  });
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await jiti.import(absolute);
  } catch (error) {
    throw failure(absolute, error);
  }
  const values = Object.values(exported);
  const pipelines = [...new Set(values.flat().filter(isPipeline))];
  if (pipelines.length > 0) return pipelines;
  const got = Object.keys(exported).join(', ') || 'no exports';
  throw streamsErrors.create('STREAMS_FILE_EMPTY', { path, got });
}

function isPipeline(value: unknown): value is Pipeline {
  if (typeof value !== 'object' || value === null) return false;
  const { name, sources, operators, sinks } = value as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && [sources, operators, sinks].every(part => Array.isArray(part));
}

function failure(path: string, error: unknown): Error {
  const place = placeOf(path, error);
  if (error instanceof SaccadeError) {
    const record = toErrorRecord(error);
    return fromErrorRecord({ ...record, message: `${place}: ${record.message}` });
  }
  return streamsErrors.create('STREAMS_FILE_FAILED', { place, reason: reasonOf(error) }, { cause: error });
}

/** Where a program failed, as `file:line` relative to the working directory: in it, or in a file of the user's it imports. */
function placeOf(path: string, error: unknown): string {
  const { stack = '', message = '' } = error instanceof Error ? error : {};
  // What does not parse is told in the message, everything else by the stack.
  const told = /^ParseError: .*?\s(\S+):(\d+):\d+\s*$/s.exec(message);
  if (told !== null) return `${shown(told[1] ?? path)}:${told[2]}`;
  for (const [, file = '', line] of stack.matchAll(
    /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^():]+|[A-Za-z]:\\[^():]+):(\d+):\d+\)?$/gm,
  )) {
    const found = file.startsWith('file://') ? fileURLToPath(file) : file;
    if (!found.includes('node_modules') && !isOurs(found)) return `${shown(found)}:${line}`;
  }
  return shown(path);
}

/** Whether a file is one of the rooms that a program calls, compiled or (with source maps) as it was written. */
function isOurs(file: string): boolean {
  const compiled = fileURLToPath(new URL('../..', import.meta.url));
  const written = compiled.replace(/dist[\\/]$/, '');
  const rooms = ['ingest', 'cascade', 'sinks', 'streams-dsl'];
  return rooms.some(room => file.startsWith(join(compiled, room, sep)) || file.startsWith(join(written, room, sep)));
}

function shown(path: string): string {
  return relative('', path) || path;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // How a compiled import is called in messages.
  const message = error.message.replace(/\(0 , \w+\.(\w+)\)/g, '$1');
  const parse = /^ParseError: (.*?)\s+\S+:\d+:\d+\s*$/s.exec(message);
  return parse === null ? `${error.name}: ${message.split('\n')[0]}` : `it does not parse: ${parse[1]}`;
}
