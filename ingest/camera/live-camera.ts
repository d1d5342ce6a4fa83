import { type Backoff, backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Damage } from '../footage.ts';
import type { FrameIndex } from '../frame.ts';
import { toErrorRecord } from '../saccade-error.ts';
import type { Camera, CameraCounts, CameraEvents, CameraOptions, CameraStatus, CaptureClock } from './camera.ts';
import type { ArrivedPicture, CameraConnection, ConnectionOptions, DecodingTally } from './camera-connection.ts';
import { CameraFault } from './camera-error.ts';
import { type CameraUrl, cameraStreamName } from './camera-url.ts';
import { CaptureTimes } from './capture-times.ts';
import { Deadline } from './deadline.ts';
import { type PictureFault, PictureWatch } from './picture-watch.ts';
import { RateLimit } from './rate-limit.ts';

/** What the frames of a camera are like. */
interface Look {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** What a camera is built of. */
interface LiveCameraParts {
  readonly clock: Clock;
  readonly random: () => number;
  connect(options: ConnectionOptions): CameraConnection;
}

/**
 * Waits between two attempts: with the second that connecting takes, a camera that has come back is used within 5 s (measured
 * by bench/camera-faults).
 */
const backoff: Backoff = { baseMs: 500, factor: 2, capMs: 3000 };
/** Least wait after a wrong password in ms: many cameras lock an account after five attempts. */
const leastWaitUnauthorizedMs = 30_000;
/** Time in which a call must return after it was told to, in ms: FFmpeg looks every 100 ms; a name server may take longer. */
const interruptGraceMs = 5000;

const codeOfFault = { frozen: 'INGEST_CAMERA_FROZEN', black: 'INGEST_CAMERA_BLACK' } as const;

/** The loop behind `openCamera`. */
export class LiveCamera implements Camera {
  readonly location: string;
  readonly streamId: string;
  readonly closed: Promise<void>;
  readonly #options: CameraOptions;
  readonly #url: CameraUrl;
  readonly #events: CameraEvents;
  readonly #parts: LiveCameraParts;
  readonly #tally: DecodingTally = { refusedPackets: 0, concealedFrames: 0, decodeMs: 0 };
  readonly #counts = { frames: 0, limited: 0, reconnects: 0, codecChanges: 0, sizeChanges: 0 };
  readonly #times: CaptureTimes;
  readonly #rate: RateLimit;
  #nextIndex: FrameIndex;
  #status: CameraStatus = { state: 'connecting', attempt: 1 };
  /** What the last frame was like; null before the first. */
  #last: Look | null = null;
  #isStopped = false;
  #stop: () => void = () => undefined;
  /** Set while a connection has not given a frame. */
  #isSilent = true;
  #attempt = 0;

  /** Begins to connect. */
  constructor(options: CameraOptions, url: CameraUrl, events: CameraEvents, parts: LiveCameraParts) {
    this.#options = options;
    this.#url = url;
    this.#events = events;
    this.#parts = parts;
    const { index = 0, timestampUs = 0 } = options.resume ?? {};
    this.#nextIndex = index;
    this.#times = new CaptureTimes(timestampUs);
    this.#rate = new RateLimit(options.maxFps ?? null);
    this.location = url.shown;
    this.streamId = options.streamId ?? cameraStreamName(options.url);
    this.closed = this.#run();
    // Whoever does not await it learns of nothing, but is not ended by it either.
    this.closed.catch(() => undefined);
  }

  get status(): CameraStatus {
    return this.#status;
  }

  get counts(): CameraCounts {
    return { ...this.#counts };
  }

  get damage(): Damage {
    const { refusedPackets, concealedFrames } = this.#tally;
    return { refusedPackets, concealedFrames };
  }

  get decodeMs(): number {
    return this.#tally.decodeMs;
  }

  passTime(): number {
    return this.#times.pass(Date.now() * 1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#stop();
    await this.closed.catch(() => undefined);
  }

  async #run(): Promise<void> {
    // Whoever opened it has it in hand when the first status comes.
    await Promise.resolve();
    while (!this.#isStopped) {
      this.#attempt++;
      this.#tell({ state: 'connecting', attempt: this.#attempt });
      const fault = await this.#connection();
      if (this.#isStopped) break;
      const { message } = toErrorRecord(fault.toError(this.location));
      if (!this.#isSilent) this.#counts.reconnects++;
      const drawn = backoffMs(backoff, Math.max(1, this.#attempt), this.#parts.random());
      const retryInMs = fault.code === 'INGEST_CAMERA_UNAUTHORIZED' ? leastWaitUnauthorizedMs + drawn : drawn;
      this.#tell({ state: 'reconnecting', code: fault.code, message, retryInMs: Math.round(retryInMs) });
      await new Promise<void>(resolve => {
        const cancel = this.#parts.clock.after(retryInMs, resolve);
        this.#stop = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#tell({ state: 'stopped' });
  }

  /** One connection to its end. @returns why it ended. @throws INGEST_CAMERA_STALLED - when it cannot be ended. */
  async #connection(): Promise<CameraFault> {
    const { transport = 'tcp', decoderThreads = 1, connectTimeoutMs = 10_000, stallTimeoutMs = 5000 } = this.#options;
    const { streamId } = this;
    const settings = { url: this.#url.secret, streamId, transport, decoderThreads, tally: this.#tally };
    const connection = this.#parts.connect(settings);
    this.#isSilent = true;
    const { clock } = this.#parts;
    const deadline = new Deadline(clock, { graceMs: interruptGraceMs, interrupt: () => connection.interrupt() });
    this.#stop = () => deadline.fail(new CameraFault('INGEST_CAMERA_ENDED', 'it was stopped'));
    if (this.#isStopped) this.#stop();
    const startedMs = clock.nowMs();
    const noAnswer = `no answer within ${connectTimeoutMs} ms`;
    deadline.set(connectTimeoutMs, new CameraFault('INGEST_CAMERA_UNREACHABLE', noAnswer));
    let fault: CameraFault;
    try {
      await deadline.within(() => connection.open());
      const leftMs = Math.max(0, connectTimeoutMs - (clock.nowMs() - startedMs));
      const noFrame = `no frame within ${connectTimeoutMs} ms of the attempt to connect`;
      deadline.set(leftMs, new CameraFault('INGEST_CAMERA_STALLED', noFrame));
      const stall = new CameraFault('INGEST_CAMERA_STALLED', `no frame for ${stallTimeoutMs} ms`);
      const watch = this.#pictureWatch();
      for (;;) {
        const pictures = await deadline.within(() => connection.read());
        if (pictures.length === 0) continue;
        deadline.set(stallTimeoutMs, stall);
        this.#receive(pictures, { connection, deadline, watch });
      }
    } catch (error) {
      if (!(error instanceof CameraFault)) throw error;
      fault = error;
    } finally {
      deadline.clear();
    }
    if (deadline.isGivenUp) throw fault.toError(this.location);
    await connection.close();
    return fault;
  }

  #pictureWatch(): PictureWatch {
    const { frozenAfterMs = 10_000, blackAfterMs = 10_000 } = this.#options;
    return new PictureWatch({ frozenAfterMs, blackAfterMs });
  }

  #receive(
    pictures: readonly ArrivedPicture[],
    { connection, deadline, watch }: { connection: CameraConnection; deadline: Deadline; watch: PictureWatch },
  ): void {
    const { streamId } = this;
    for (const picture of pictures) {
      if (this.#isStopped) {
        picture.drop();
        continue;
      }
      if (!this.#rate.takes(picture.sentUs ?? picture.receivedUs)) {
        picture.drop();
        this.#counts.limited++;
        continue;
      }
      const { width, height } = picture;
      const time = this.#times.next(picture.receivedUs, picture.sentUs);
      const frame = picture.wrap({ ...time, streamId, index: this.#nextIndex++ });
      this.#counts.frames++;
      this.#note({ codec: connection.codec, width, height }, time.captureClock);
      const nowMs = this.#parts.clock.nowMs();
      if (watch.isDue(nowMs)) {
        const seen = watch.look(frame.pixels(PictureWatch.request), nowMs);
        if (seen !== null) deadline.fail(new CameraFault(codeOfFault[seen], this.#describe(seen)));
      }
      this.#events.onFrame(frame);
    }
  }

  #describe(fault: PictureFault): string {
    const { frozenAfterMs = 10_000, blackAfterMs = 10_000 } = this.#options;
    return fault === 'frozen' ? `no change for ${frozenAfterMs} ms` : `no light for ${blackAfterMs} ms`;
  }

  /** Tells that it plays, and counts what has changed. */
  #note(now: Look, captureClock: CaptureClock): void {
    const last = this.#last;
    const isSameSize = last?.width === now.width && last.height === now.height;
    if (last !== null && last.codec !== now.codec) this.#counts.codecChanges++;
    if (last !== null && !isSameSize) this.#counts.sizeChanges++;
    this.#last = now;
    const clock = this.#status.state === 'playing' ? this.#status.captureClock : null;
    this.#isSilent = false;
    this.#attempt = 0;
    if (clock === captureClock && isSameSize && last.codec === now.codec) return;
    this.#tell({ state: 'playing', ...now, captureClock });
  }

  #tell(status: CameraStatus): void {
    this.#status = status;
    this.#events.onStatus?.(status, this.counts);
  }
}
