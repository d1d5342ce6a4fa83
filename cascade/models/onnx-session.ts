import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession } from 'onnxruntime-node';
import { cascadeErrors } from '../errors.ts';

/** How to load an ONNX model. */
export interface SessionOptions {
  /** Threads for one operator, 1–64. Default 1: parallel processes use shared cores better (bench/segments). */
  readonly intraOpThreads?: number;
}

/** A model's bytes with their hash. */
export interface OnnxBytes {
  readonly bytes: Uint8Array;
  /** SHA-256 in lower-case hex. */
  readonly sha256: string;
}

/**
 * Reads a model file whole and hashes what was read, so that what is checked is what is loaded.
 * @throws CASCADE_MODEL_FILE_MISSING - when it cannot be read.
 */
export async function readOnnx(path: string): Promise<OnnxBytes> {
  try {
    const bytes = await readFile(path);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (cause) {
    throw cascadeErrors.create('CASCADE_MODEL_FILE_MISSING', { path, reason: messageOf(cause) }, { cause });
  }
}

/**
 * Makes a session on the CPU from a model's bytes; the caller releases it.
 * @param path - Where the bytes came from, for the message.
 * @throws CASCADE_MODEL_NOT_ONNX - when onnxruntime refuses the bytes.
 */
export async function createSession(
  bytes: Uint8Array,
  path: string,
  { intraOpThreads = 1 }: SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      // Fatal only: errors come as exceptions, and a library writes nothing to the terminal.
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw cascadeErrors.create('CASCADE_MODEL_NOT_ONNX', { path, reason: messageOf(cause) }, { cause });
  }
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}
