import { type Clock, systemClock } from '../clock.ts';
import { ingestErrors } from '../errors.ts';
import { loadNodeAv } from '../load-node-av.ts';
import type { Camera, CameraEvents, CameraOptions } from './camera.ts';
import type { CameraConnection, ConnectionOptions } from './camera-connection.ts';
import { type CameraUrl, cameraUrl, shownCameraUrl } from './camera-url.ts';
import { LiveCamera } from './live-camera.ts';
import { substreamUrl } from './substream-url.ts';

/** What tests replace. */
export interface CameraParts {
  readonly clock: Clock;
  /** Numbers from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  connect(options: ConnectionOptions): CameraConnection;
}

/**
 * Connects to a camera and keeps connected until it is disposed: every end of a connection, every silence, and a picture
 * that is frozen or black is a reason to connect anew, after a short and random wait. It resolves at once; what becomes of the
 * connection is told by the status.
 *
 * Decodes in this process, each frame as it arrives, whether or not anybody needs it: open cameras in a stream worker. Each
 * waits on one of libuv's threads, of which there are 4 unless `UV_THREADPOOL_SIZE` says otherwise.
 * @returns A camera owned by the caller.
 * @throws INGEST_OPTION_INVALID - when an option is out of range; INGEST_CAMERA_CREDENTIALS - when the credentials are not to
 *   be found; INGEST_NODE_AV_UNAVAILABLE - when the decoder is missing.
 */
export async function openCamera(
  options: CameraOptions,
  events: CameraEvents,
  parts: Partial<CameraParts> = {},
): Promise<Camera> {
  const url = checkCamera(options);
  const { clock = systemClock, random = Math.random } = parts;
  const connect = parts.connect ?? (await nativeConnect());
  return new LiveCamera(options, url, events, { clock, random, connect });
}

/**
 * Checks all that can be known of a camera without connecting.
 * @returns Its URL with credentials, to be used by the decoder alone.
 * @throws INGEST_OPTION_INVALID, INGEST_CAMERA_CREDENTIALS - as {@link openCamera}.
 */
export function checkCamera(options: CameraOptions): CameraUrl {
  const { decoderThreads = 1 } = options;
  for (const name of ['connectTimeoutMs', 'stallTimeoutMs', 'frozenAfterMs', 'blackAfterMs'] as const) {
    const value = options[name];
    if (value === undefined || value === null || (Number.isFinite(value) && value > 0)) continue;
    throw ingestErrors.create('INGEST_OPTION_INVALID', { option: name, expected: 'a number of ms above 0', value });
  }
  if (!Number.isInteger(decoderThreads) || decoderThreads < 1 || decoderThreads > 16) {
    const expected = 'an integer from 1 to 16';
    throw ingestErrors.create('INGEST_OPTION_INVALID', { option: 'decoderThreads', expected, value: decoderThreads });
  }
  const { maxFps } = options;
  if (maxFps !== undefined && !(Number.isFinite(maxFps) && maxFps > 0)) {
    throw ingestErrors.create('INGEST_OPTION_INVALID', {
      option: 'maxFps',
      expected: 'a number above 0',
      value: maxFps,
    });
  }
  const { url, substream = false } = options;
  const used = substream ? substreamUrl(url) : url;
  if (used === null) {
    throw ingestErrors.create('INGEST_OPTION_INVALID', {
      option: 'substream',
      expected: 'false, and the URL of the small stream, since its name cannot be told from this URL',
      value: shownCameraUrl(url),
    });
  }
  return cameraUrl({ ...options, url: used });
}

async function nativeConnect(): Promise<CameraParts['connect']> {
  const { NativeCameraConnection } = await loadNodeAv();
  return options => new NativeCameraConnection(options);
}
