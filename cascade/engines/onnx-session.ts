import { InferenceSession } from 'onnxruntime-node';
import { cascadeErrors } from '../errors.ts';
import type { NetworkOptions } from './engine.ts';
import { reasonOf } from './reason-of.ts';
import { usableDevices } from './usable-devices.ts';

/** Options of onnxruntime for a session. */
export function sessionOptions({
  intraOpThreads = 1,
  device = 'cpu',
}: NetworkOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    // Fatal only: errors come as exceptions, and a library writes nothing to the terminal.
    logSeverityLevel: 4,
  };
}

/**
 * Makes a session from a model's bytes; the caller releases it.
 * @param path - Where the bytes came from, for the message.
 * @throws CASCADE_MODEL_NOT_ONNX - when onnxruntime refuses the bytes.
 * @throws CASCADE_DEVICE_UNAVAILABLE - when this machine cannot run models on the device.
 */
export async function createSession(
  bytes: Uint8Array,
  path: string,
  options: NetworkOptions = {},
): Promise<InferenceSession> {
  await checkDevice(options);
  try {
    return await InferenceSession.create(bytes, sessionOptions(options));
  } catch (cause) {
    throw cascadeErrors.create('CASCADE_MODEL_NOT_ONNX', { path, reason: reasonOf(cause) }, { cause });
  }
}

/** Before the session is made: there, onnxruntime and drivers would write to the terminal what is missing. */
async function checkDevice({ device = 'cpu' }: NetworkOptions): Promise<void> {
  if (device === 'cpu') return;
  const states = await usableDevices();
  const state = states.find(one => one.device === device);
  if (state === undefined || state.isUsable) return;
  const usable = states.filter(one => one.isUsable).map(one => one.device);
  const details = { device, usable: usable.join(', ') || 'none', reason: state.reason };
  throw cascadeErrors.create('CASCADE_DEVICE_UNAVAILABLE', details);
}
