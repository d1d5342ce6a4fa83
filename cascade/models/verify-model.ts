import type { InferenceSession } from 'onnxruntime-node';
import { cascadeErrors } from '../errors.ts';
import { createSession, readOnnx, type SessionOptions } from './onnx-session.ts';
import type { StoredModel } from './stored-model.ts';
import { fitTensors, type TensorFit } from './tensor-fit.ts';

/** A session whose model is the declared one. */
export interface VerifiedSession extends TensorFit {
  /** Owned by the caller, who releases it. */
  readonly session: InferenceSession;
}

/**
 * Checks a stored model without keeping it: its bytes against the hash, its tensors against the declaration.
 * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_HASH_MISMATCH, CASCADE_MODEL_NOT_ONNX,
 *   CASCADE_MODEL_TENSORS_MISMATCH - see docs/errors.md.
 */
export async function verifyModel(stored: StoredModel): Promise<void> {
  const { session } = await loadVerified(stored);
  await session.release();
}

/**
 * Loads a stored model from exactly the bytes whose hash was checked.
 * @throws as {@link verifyModel}.
 */
export async function loadVerified(stored: StoredModel, options: SessionOptions = {}): Promise<VerifiedSession> {
  const { onnxPath: path, declaration } = stored;
  const { bytes, sha256 } = await readOnnx(path);
  if (sha256 !== declaration.sha256) {
    const details = { path, expected: declaration.sha256, got: sha256 };
    throw cascadeErrors.create('CASCADE_MODEL_HASH_MISMATCH', details);
  }
  const session = await createSession(bytes, path, options);
  try {
    return { session, ...fitTensors(session, declaration, path) };
  } catch (error) {
    await session.release();
    throw error;
  }
}
