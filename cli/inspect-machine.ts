import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type DeviceState, listModels, usableDevices } from '../cascade/index.ts';
import { type DecoderFacts, describeDecoders } from '../ingest/index.ts';
import { packageFolder } from './package-folder.ts';

/** What a machine has and lacks for Saccade. */
export interface MachineReport {
  readonly node: { readonly ok: boolean; readonly version: string; readonly wanted: string; readonly platform: string };
  readonly decoders: readonly DecoderFacts[];
  /** Inference; each of the `devices` was tried. */
  readonly engine:
    | {
        readonly isAvailable: true;
        readonly version: string;
        readonly devices: readonly DeviceState[];
      }
    | { readonly isAvailable: false; readonly problem: string };
  /** Memory in bytes. */
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  /** Cores that this process may use. */
  readonly cpu: { readonly cores: number; readonly model: string };
  /** Folder of real footage for the tests; null when there is none. */
  readonly data: { readonly path: string | null };
  readonly models: { readonly path: string; readonly count: number };
}

/** Looks at this machine; loads the native libraries to see whether they work. */
export async function inspectMachine(): Promise<MachineReport> {
  const { SACCADE_MODELS } = process.env;
  const models = resolve(SACCADE_MODELS ?? 'models');
  const [decoders, engine] = await Promise.all([describeDecoders(), inspectEngine()]);
  return {
    node: inspectNode(),
    decoders,
    engine,
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    cpu: { cores: availableParallelism(), model: cpus()[0]?.model ?? 'unknown' },
    data: { path: dataFolder() },
    models: { path: models, count: (await listModels(models).catch(() => [])).length },
  };
}

function inspectNode(): MachineReport['node'] {
  const wanted = readPackage(join(packageFolder(), 'package.json')).engines?.node ?? '';
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.replace(/^\D+/, '').split('.').map(Number);
  const ok = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return { ok, version: process.version, wanted, platform: `${process.platform}-${process.arch}` };
}

async function inspectEngine(): Promise<MachineReport['engine']> {
  try {
    await import('onnxruntime-node');
    return { isAvailable: true, version: packageVersion('onnxruntime-node'), devices: await usableDevices() };
  } catch (error) {
    return { isAvailable: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Version of a package, found without its help: not all of them export their package.json. */
function packageVersion(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  while (dirname(folder) !== folder) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) {
      const found = readPackage(path);
      if (found.name === name) return found.version ?? 'unknown';
    }
    folder = dirname(folder);
  }
  return 'unknown';
}

function dataFolder(): string | null {
  const { SACCADE_DATA } = process.env;
  const candidates = [SACCADE_DATA, join(packageFolder(), '..', 'shared', 'data')];
  return candidates.find(path => path !== undefined && existsSync(path)) ?? null;
}

/** The fields of a package.json that are looked at. */
interface PackageFields {
  readonly name?: string;
  readonly version?: string;
  readonly engines?: { readonly node?: string };
}

function readPackage(path: string): PackageFields {
  return JSON.parse(readFileSync(path, 'utf8')) as PackageFields;
}
