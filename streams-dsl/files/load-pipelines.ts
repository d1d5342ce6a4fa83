import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { streamsErrors } from '../errors.ts';
import type { Pipeline } from '../pipeline.ts';
import { importPipelines } from './import-pipelines.ts';
import type { LoadedPipelines } from './loaded-pipelines.ts';
import { readDocument } from './read-document.ts';

/** How a pipeline file is loaded. */
export interface LoadOptions {
  /**
   * What programs get when they import a package, by its name: at least `saccade`, so that a program needs no installation
   * of it and both sides have one and the same copy. Default: none.
   */
  readonly modules?: Readonly<Record<string, object>>;
  /** Where documents find their variables. Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const programs = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
const documents = ['.yaml', '.yml', '.json'];

/**
 * Loads a pipeline file: a program in TypeScript or JavaScript that exports pipelines (by any name or as the default, one by
 * one or in lists), or a document in YAML or JSON. A program runs as it does when Node imports it, without a build step;
 * nothing of its pipelines is started. As with Node, it runs once a process: loading it again gives the same pipelines.
 * @param path - Relative to the working directory.
 * @throws STREAMS_FILE_UNREADABLE, STREAMS_FILE_KIND_UNKNOWN - when it cannot be read, or ends otherwise;
 *   STREAMS_FILE_FAILED - when the program fails, with its line; what a function of ours throws in it, likewise;
 *   STREAMS_FILE_EMPTY - when it exports no pipeline; STREAMS_FILE_INVALID, STREAMS_VARIABLE_MISSING - when a document is
 *   wrong; STREAMS_PIPELINE_EXISTS - when two pipelines have one name.
 */
export async function loadPipelines(
  path: string,
  { modules = {}, environment = process.env }: LoadOptions = {},
): Promise<LoadedPipelines> {
  const ending = extname(path).toLowerCase();
  if (!programs.includes(ending) && !documents.includes(ending)) {
    const expected = [...programs, ...documents].join(', ');
    throw streamsErrors.create('STREAMS_FILE_KIND_UNKNOWN', { path, expected, got: ending || 'none' });
  }
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw streamsErrors.create('STREAMS_FILE_UNREADABLE', { path, reason, cwd: process.cwd() }, { cause });
  }
  const loaded = programs.includes(ending)
    ? { pipelines: await importPipelines(path, modules), redact: (shown: string) => shown }
    : readDocument(path, text, environment);
  checkNames(loaded.pipelines);
  return loaded;
}

function checkNames(pipelines: readonly Pipeline[]): void {
  const names = pipelines.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw streamsErrors.create('STREAMS_PIPELINE_EXISTS', { pipeline: twice });
}
