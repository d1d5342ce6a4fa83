import type { NetworkOptions } from '../engines/engine.ts';
import { engineOf } from '../engines/engines.ts';
import type { Network } from '../engines/network.ts';
import { cascadeErrors } from '../errors.ts';
import { engineOfModel } from './model-declaration.ts';
import type { StoredModel } from './stored-model.ts';
import { fitTensors, type TensorFit } from './tensor-fit.ts';

/** A network that is the declared one. */
export interface VerifiedNetwork extends TensorFit {
  /** Owned by the caller, who disposes of it. */
  readonly network: Network;
}

/**
 * Checks a stored model without keeping it: its bytes against the hash, its tensors against the declaration.
 * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_HASH_MISMATCH, CASCADE_MODEL_NOT_ONNX, CASCADE_MODEL_NOT_TFJS,
 *   CASCADE_TFJS_MISSING, CASCADE_REMOTE_UNREACHABLE, CASCADE_REMOTE_REFUSED, CASCADE_MODEL_TENSORS_MISMATCH - see
 *   docs/errors.md.
 */
export async function verifyModel(stored: StoredModel): Promise<void> {
  const { network } = await loadVerified(stored);
  await network[Symbol.asyncDispose]();
}

/**
 * Loads a stored model from exactly the bytes whose hash was checked.
 * @throws as {@link verifyModel}, and CASCADE_DEVICE_UNAVAILABLE - when this machine lacks the device.
 */
export async function loadVerified(stored: StoredModel, options: NetworkOptions = {}): Promise<VerifiedNetwork> {
  const { networkPath: path, declaration } = stored;
  const declared = engineOfModel(declaration);
  const engine = engineOf(declared);
  const source = await engine.read(path, declared);
  if (source.sha256 !== declaration.sha256) {
    const details = { path, expected: declaration.sha256, got: source.sha256 };
    throw cascadeErrors.create('CASCADE_MODEL_HASH_MISMATCH', details);
  }
  const network = await engine.load(source, declared, options);
  try {
    return { network, ...fitTensors(network, declaration, path) };
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}
