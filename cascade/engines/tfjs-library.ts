import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { cascadeErrors } from '../errors.ts';
import type { TensorValues } from './network.ts';
import { reasonOf } from './reason-of.ts';

/** A tensor of TensorFlow.js. */
export interface TfjsTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<TensorValues>;
  dispose(): void;
}

/** What a model of TensorFlow.js says of one of its tensors. */
export interface TfjsTensorInfo {
  readonly name: string;
  readonly shape?: readonly (number | null)[] | null;
  readonly dtype: string;
}

/** What both formats have in common. */
interface TfjsModel {
  readonly inputs: readonly TfjsTensorInfo[];
  readonly outputs: readonly TfjsTensorInfo[];
  dispose(): unknown;
}

/** A model converted from TensorFlow. */
export interface TfjsGraphModel extends TfjsModel {
  execute(feeds: Record<string, TfjsTensor>, outputs: string[]): TfjsTensor | TfjsTensor[];
  executeAsync(feeds: Record<string, TfjsTensor>, outputs: string[]): Promise<TfjsTensor | TfjsTensor[]>;
}

/** A model of Keras. */
export interface TfjsLayersModel extends TfjsModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Gives a sequential model its names, which it has none of before. */
  build(): void;
  predictOnBatch(inputs: TfjsTensor[]): TfjsTensor | TfjsTensor[];
}

/** Where the parts of a model come from. */
export interface TfjsHandler {
  load(): Promise<object>;
}

/** The part of TensorFlow.js that running a model takes, whichever packages it comes from. */
export interface TfjsLibrary {
  loadGraphModel(handler: TfjsHandler): Promise<TfjsGraphModel>;
  loadLayersModel(handler: TfjsHandler): Promise<TfjsLayersModel>;
  tensor(values: TensorValues, shape: number[], dtype: string): TfjsTensor;
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
}

type Require = NodeJS.Require;

const WASM_BACKEND = '@tensorflow/tfjs-backend-wasm';
/** Packages that are everything by themselves, the fastest first. */
const wholes = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const expected = `${wholes.join(', ')}, or @tensorflow/tfjs with ${WASM_BACKEND}`;

/**
 * Loads the user's TensorFlow.js: `@tensorflow/tfjs-node-gpu`, `@tensorflow/tfjs-node`, or `@tensorflow/tfjs` (or its parts
 * core, converter and layers) with the wasm backend, the first that works. Looks in the project of the working directory,
 * then beside Saccade.
 * @param model - Path of the model that needs it, for the message.
 * @param places - Files from which packages are looked for.
 * @throws CASCADE_TFJS_MISSING - when none works; says what was found.
 */
export async function loadTfjs(
  model: string,
  places: readonly (string | URL)[] = [join(process.cwd(), 'package.json'), import.meta.url],
): Promise<TfjsLibrary> {
  const faults: string[] = [];
  for (const load of places.map(place => createRequire(place))) {
    for (const name of wholes) {
      const library = attempt(load, name, faults) as TfjsLibrary | undefined;
      if (library !== undefined) return prepared(library);
    }
    const library = await wasmLibrary(load, faults);
    if (library !== undefined) return library;
  }
  const got = [...new Set(faults)].join('; ') || 'none of them';
  throw cascadeErrors.create('CASCADE_TFJS_MISSING', { path: model, expected, folder: process.cwd(), got });
}

async function wasmLibrary(load: Require, faults: string[]): Promise<TfjsLibrary | undefined> {
  if (!has(load, WASM_BACKEND)) return undefined;
  // Package managers that keep dependencies apart have the parts beside @tensorflow/tfjs only.
  const parts = has(load, '@tensorflow/tfjs') ? createRequire(load.resolve('@tensorflow/tfjs')) : load;
  const core = attempt(parts, '@tensorflow/tfjs-core', faults);
  const converter = attempt(parts, '@tensorflow/tfjs-converter', faults);
  const layers = attempt(parts, '@tensorflow/tfjs-layers', faults);
  const backend = attempt(load, WASM_BACKEND, faults) as { setWasmPaths(folder: string): void } | undefined;
  if (core === undefined || converter === undefined || layers === undefined || backend === undefined) {
    faults.push(`${WASM_BACKEND} without @tensorflow/tfjs`);
    return undefined;
  }
  backend.setWasmPaths(dirname(load.resolve(WASM_BACKEND)) + sep);
  const library = { ...core, ...converter, ...layers } as TfjsLibrary;
  try {
    if (await library.setBackend('wasm')) return await prepared(library);
    faults.push(`${WASM_BACKEND}, which could not be initialized`);
  } catch (error) {
    faults.push(`${WASM_BACKEND}, which failed with: ${reasonOf(error)}`);
  }
  return undefined;
}

async function prepared(library: TfjsLibrary): Promise<TfjsLibrary> {
  // It advertises faster backends on the terminal otherwise.
  library.enableProdMode();
  await library.ready();
  return library;
}

function has(load: Require, name: string): boolean {
  try {
    load.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** A package, or undefined when it is not installed or does not load, as a native one that was built for another Node. */
function attempt(load: Require, name: string, faults: string[]): object | undefined {
  if (!has(load, name)) return undefined;
  try {
    return load(name) as object;
  } catch (error) {
    faults.push(`${name}, which failed with: ${reasonOf(error).split('\n')[0]}`);
    return undefined;
  }
}
