import { vi } from 'vitest';
import {
  type Camera,
  type CameraFrame,
  type CameraOptions,
  type CameraStatus,
  openCamera,
} from '../../ingest/index.ts';

/** A camera under test: what it has told so far. */
export class CameraWatcher implements AsyncDisposable {
  readonly statuses: CameraStatus[] = [];
  /** Index, time, clock and size of each frame. */
  readonly frames: Pick<CameraFrame, 'index' | 'timestampUs' | 'captureClock' | 'width' | 'height'>[] = [];
  /** When the last frame came, on the clock of `performance.now`. */
  lastMs = 0;
  #camera: Camera | null = null;

  /** Opens a camera. */
  static async open(options: CameraOptions): Promise<CameraWatcher> {
    const watcher = new CameraWatcher();
    watcher.#camera = await openCamera(options, {
      onFrame: frame => {
        const { index, timestampUs, captureClock, width, height } = frame;
        watcher.frames.push({ index, timestampUs, captureClock, width, height });
        watcher.lastMs = performance.now();
        frame[Symbol.dispose]();
      },
      onStatus: status => watcher.statuses.push(status),
    });
    return watcher;
  }

  /** The camera itself. */
  get camera(): Camera {
    if (this.#camera === null) throw new Error('it is not open');
    return this.#camera;
  }

  /** Waits until it plays and has given so many frames more. */
  async plays(frames = 5, timeoutMs = 15_000): Promise<void> {
    const before = this.frames.length;
    await vi.waitUntil(() => this.frames.length >= before + frames && this.camera.status.state === 'playing', {
      timeout: timeoutMs,
      interval: 20,
    });
  }

  /** Waits until it says that it connects anew for a reason. */
  async fails(code: string, timeoutMs = 15_000): Promise<Extract<CameraStatus, { state: 'reconnecting' }>> {
    let found: CameraStatus | undefined;
    const from = this.statuses.length;
    await vi.waitUntil(
      () => {
        found = this.statuses.slice(from).find(status => status.state === 'reconnecting' && status.code === code);
        return found !== undefined;
      },
      { timeout: timeoutMs, interval: 20 },
    );
    return found as Extract<CameraStatus, { state: 'reconnecting' }>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.camera[Symbol.asyncDispose]();
  }
}
