import type { ServedModel, ServedVersion, TensorInfo } from '../../cascade/index.ts';
import { packageVersion } from '../package-version.ts';

/** What the server says of itself. */
export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  /** Names of Triton's extensions. */
  readonly extensions: readonly string[];
}

/** What the server says of a model. */
export interface ModelMetadata {
  readonly name: string;
  /** Versions that are served, lowest first. */
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** One line of the repository's index. */
export interface RepositoryEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  /** Why it is not ready; empty when it is. */
  readonly reason: string;
}

/** What the server says of itself. */
export const serverMetadata: ServerMetadata = {
  name: 'saccade',
  version: packageVersion(),
  extensions: ['binary_tensor_data', 'model_repository', 'statistics'],
};

/**
 * Describes a model by the tensors of its ONNX file.
 * @param versions - All that the repository has of it.
 */
export function modelMetadata(model: ServedModel, versions: readonly ServedVersion[]): ModelMetadata {
  const plain = ({ name, datatype, shape }: TensorInfo): TensorInfo => ({ name, datatype, shape });
  const served = versions.filter(({ state }) => state === 'AVAILABLE').map(({ version }) => version);
  return {
    name: model.name,
    versions: served.sort((a, b) => a - b).map(String),
    platform: 'onnx_onnxv1',
    inputs: model.inputs.map(plain),
    outputs: model.outputs.map(plain),
  };
}

/** A version as Triton's index has it. */
export function repositoryEntry({ name, version, state, reason }: ServedVersion): RepositoryEntry {
  const base = { name, version: String(version) };
  if (state === 'AVAILABLE') return { ...base, state: 'READY', reason: '' };
  if (state === 'START' || state === 'LOADING') return { ...base, state: 'LOADING', reason };
  if (state === 'UNLOADING') return { ...base, state: 'UNLOADING', reason };
  return { ...base, state: 'UNAVAILABLE', reason: reason || 'unloaded' };
}
