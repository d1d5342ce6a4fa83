import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CameraFrame } from '../../ingest/camera/camera.ts';
import type { ArrivedPicture, CameraConnection } from '../../ingest/camera/camera-connection.ts';
import { CameraFault } from '../../ingest/camera/camera-error.ts';
import { cameraStreamName, cameraUrl, isCameraUrl, shownCameraUrl } from '../../ingest/camera/camera-url.ts';
import { CaptureTimes } from '../../ingest/camera/capture-times.ts';
import { type CameraParts, checkCamera, openCamera } from '../../ingest/camera/open-camera.ts';
import { PictureWatch } from '../../ingest/camera/picture-watch.ts';
import { RateLimit } from '../../ingest/camera/rate-limit.ts';
import { SegmentPace } from '../../ingest/camera/segment-pace.ts';
import { substreamUrl } from '../../ingest/camera/substream-url.ts';
import type { CameraStatus } from '../../ingest/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { seeded } from '../cascade/random.ts';
import { ManualClock } from './manual-clock.ts';

const variable = (name: string): string => `\${${name}}`;

describe('the URL of a camera', () => {
  const environment = { USER: 'door', PASSWORD: 'p@s/s:w#rd', HOST: '10.0.0.7', TOKEN: 'abc' };

  it.each([
    ['rtsp://10.0.0.7:554/a', 'rtsp://10.0.0.7:554/a', 'rtsp://10.0.0.7:554/a'],
    ['rtsp://door:secret@10.0.0.7/a', 'rtsp://door:secret@10.0.0.7/a', 'rtsp://***@10.0.0.7/a'],
    // A password that was written out and holds what ends a URL's authority.
    ['rtsp://door:se/cr@t@10.0.0.7/a', 'rtsp://door:se%2Fcr%40t@10.0.0.7/a', 'rtsp://***@10.0.0.7/a'],
    // Variables keep their names, and their values are encoded where that is needed.
    [
      `rtsp://${variable('USER')}:${variable('PASSWORD')}@${variable('HOST')}/a`,
      'rtsp://door:p%40s%2Fs%3Aw%23rd@10.0.0.7/a',
      `rtsp://${variable('USER')}:${variable('PASSWORD')}@${variable('HOST')}/a`,
    ],
    [
      `http://10.0.0.7/v?token=${variable('TOKEN')}&x=1`,
      'http://10.0.0.7/v?token=abc&x=1',
      'http://10.0.0.7/v?token=***&x=1',
    ],
    // One of the two is written out: both are hidden.
    [`rtsp://admin:${variable('PASSWORD')}@h/a`, 'rtsp://admin:p%40s%2Fs%3Aw%23rd@h/a', 'rtsp://***@h/a'],
  ])('%s', (url, secret, shown) => {
    expect(cameraUrl({ url }, environment)).toEqual({ secret, shown });
    expect(shownCameraUrl(url)).toBe(shown);
  });

  it('takes credentials from a variable or a file, in the place of those that it holds', async () => {
    const file = join(await temporaryFolder(), 'login');
    await writeFile(file, 'door:s3:cret\r\nmore');
    const url = 'rtsp://old:one@h/a';
    expect(cameraUrl({ url, credentials: { file } }).secret).toBe('rtsp://door:s3%3Acret@h/a');
    const env = { LOGIN: 'door:x y' };
    expect(cameraUrl({ url, credentials: { env: 'LOGIN' } }, env).secret).toBe('rtsp://door:x%20y@h/a');
  });

  it('says what is missing, and nothing else', () => {
    for (const [options, reason] of [
      [{ url: `rtsp://${variable('NOPE')}@h/a` }, 'NOPE is not set'],
      [{ url: 'rtsp://h/a', credentials: { env: 'NOPE' } }, 'NOPE is not set'],
      [{ url: 'rtsp://h/a', credentials: { env: 'TOKEN' } }, 'no "user:password"'],
      [{ url: 'rtsp://h/a', credentials: { file: '/no/such/file' } }, 'ENOENT'],
    ] as const) {
      const read = (): unknown => cameraUrl(options, environment);
      expect(read).toThrow(expect.objectContaining({ code: 'INGEST_CAMERA_CREDENTIALS' }));
      expect(read).toThrow(reason);
      expect(read).not.toThrow('abc');
    }
    for (const url of ['ftp://u:secret@h/a', 'rtsp://', 'door.mp4']) {
      const read = (): unknown => cameraUrl({ url });
      expect(read).toThrow(expect.objectContaining({ code: 'INGEST_OPTION_INVALID' }));
      expect(read).not.toThrow('secret');
    }
  });

  it('is told from a path, and names the stream', () => {
    expect(
      ['rtsp://h/a', 'RTSPS://h', 'https://h/x.m3u8', 'door.mp4', 'a:b.mp4', 'file:///x'].map(isCameraUrl),
    ).toEqual([...[true, true, true], ...[false, false, false]]);
    expect(['rtsp://u:p@cam-1:554/a', 'http://10.0.0.7?x', 'rtsp://'].map(cameraStreamName)).toEqual([
      'cam-1',
      '10.0.0.7',
      'camera',
    ]);
  });
});

describe('CaptureTimes', () => {
  it('believes a sender that is within a minute, and never goes back', () => {
    const times = new CaptureTimes(1000e6);
    const sender = (timestampUs: number): unknown => ({ timestampUs, captureClock: 'sender' });
    const receiver = (timestampUs: number): unknown => ({ timestampUs, captureClock: 'receiver' });
    expect(times.next(999e6, null)).toEqual(receiver(1000e6));
    expect(times.next(1001e6, 1000.9e6)).toEqual(sender(1000.9e6));
    // A camera that lives in 1970, or a day ahead.
    expect(times.next(1002e6, 5)).toEqual(receiver(1002e6));
    expect(times.next(1002e6, 1002e6 + 86_400e6)).toEqual(receiver(1002e6));
    // Back by its latency: held.
    expect(times.next(1002.01e6, 1001.9e6)).toEqual(sender(1002e6));
    expect(times.next(1060e6, 1000.1e6)).toEqual(sender(1002e6));
    expect(times.pass(1061e6)).toBe(1061e6);
    expect(times.next(1060.9e6, null)).toEqual(receiver(1061e6));
  });
});

describe('PictureWatch', () => {
  const size = 32 * 32;
  const random = seeded(3);
  const noise = (base: Uint8Array, share: number, step = 1): Uint8Array =>
    base.map(value => (random() < share ? value + step : value));
  const scene = Uint8Array.from({ length: size }, () => 40 + Math.floor(random() * 150));

  /** When it first says something, in ms, of pictures each 500 ms. */
  function firstFault(picture: (i: number) => Uint8Array, options = { frozenAfterMs: 10_000, blackAfterMs: 10_000 }) {
    const watch = new PictureWatch(options as ConstructorParameters<typeof PictureWatch>[0]);
    for (let i = 0; i < 1200; i++) {
      const fault = watch.look(picture(i), i * 500);
      if (fault !== null) return [fault, i * 500];
    }
    return null;
  }

  it('tells a frozen picture, with what an encoder makes of it, after its time', () => {
    expect(firstFault(() => scene)).toEqual(['frozen', 10_000]);
    expect(firstFault(() => noise(scene, 0.005))).toEqual(['frozen', 10_000]);
    expect(firstFault(i => (i < 7 ? noise(scene, 0.3) : scene))).toEqual(['frozen', 13_500]);
  });

  it('takes a quiet scene for living: noise everywhere, or one thing that moves', () => {
    expect(firstFault(() => noise(scene, 0.1))).toBeNull();
    const clockHand = (i: number): Uint8Array => {
      const picture = scene.slice();
      picture[Math.floor(i / 10) % size] = 250;
      return picture;
    };
    expect(firstFault(clockHand)).toBeNull();
  });

  it('tells black from frozen, and may be told not to look', () => {
    const black = new Uint8Array(size);
    expect(firstFault(() => black)).toEqual(['black', 10_000]);
    expect(firstFault(i => noise(black, 0.5, 1 + (i % 3)))).toEqual(['black', 10_000]);
    // A dark room: sensors show noise around 16.
    expect(firstFault(() => noise(new Uint8Array(size).fill(5), 0.3, 3))).toBeNull();
    expect(firstFault(() => black, { frozenAfterMs: null, blackAfterMs: null } as never)).toBeNull();
    expect(firstFault(() => black, { frozenAfterMs: 10_000, blackAfterMs: null } as never)).toEqual(['frozen', 10_000]);
    expect(new PictureWatch({ frozenAfterMs: null, blackAfterMs: null }).isDue(1e9)).toBe(false);
  });
});

/** A connection that does what the test says. */
class FakeConnection implements CameraConnection {
  readonly codec = 'h264';
  interrupts = 0;
  isClosed = false;
  readonly #calls: { resolve(pictures: readonly ArrivedPicture[]): void; reject(error: Error): void }[] = [];

  async open(): Promise<void> {
    await this.read();
  }

  read(): Promise<readonly ArrivedPicture[]> {
    return new Promise((resolve, reject) => this.#calls.push({ resolve, reject }));
  }

  interrupt(): void {
    this.interrupts++;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Lets the call under way return. */
  async give(pictures: readonly ArrivedPicture[] = []): Promise<void> {
    this.#calls.shift()?.resolve(pictures);
    await turn();
  }

  async fail(fault = new CameraFault('INGEST_CAMERA_ENDED', 'it was interrupted')): Promise<void> {
    this.#calls.shift()?.reject(fault);
    await turn();
  }
}

function picture(): ArrivedPicture {
  const wrap: ArrivedPicture['wrap'] = place =>
    ({ ...place, pixels: () => new Uint8Array(1024).fill(100), [Symbol.dispose]: () => undefined }) as never;
  return { width: 64, height: 48, sentUs: null, receivedUs: 0, wrap, drop: () => undefined };
}

describe('a camera, by a clock that is turned by hand', () => {
  const url = 'rtsp://door:s3cret@h/a';

  async function open(options: Partial<Parameters<typeof openCamera>[0]> = {}) {
    const clock = new ManualClock();
    const connections: FakeConnection[] = [];
    const urls: string[] = [];
    const statuses: CameraStatus[] = [];
    const frames: CameraFrame[] = [];
    let random = 0.5;
    const parts: CameraParts = {
      clock,
      random: () => random,
      connect: settings => {
        urls.push(settings.url);
        const connection = new FakeConnection();
        connections.push(connection);
        return connection;
      },
    };
    const camera = await openCamera(
      { url, ...options },
      { onFrame: frame => frames.push(frame), onStatus: status => statuses.push(status) },
      parts,
    );
    await turn();
    const last = (): FakeConnection => connections.at(-1) ?? new FakeConnection();
    const draw = (value: number): void => {
      random = value;
    };
    return { camera, clock, connections, statuses, frames, urls, last, draw };
  }

  it('waits longer from attempt to attempt, with jitter, up to 3 s, and begins anew after it has played', async () => {
    const { clock, connections, statuses, last, draw, urls } = await open();
    const waits: number[] = [];
    const failOnce = async (): Promise<void> => {
      await last().fail(new CameraFault('INGEST_CAMERA_UNREACHABLE', 'refused'));
      const status = statuses.at(-1);
      if (status?.state !== 'reconnecting') throw new Error(`it is ${status?.state}`);
      waits.push(status.retryInMs);
      const before = connections.length;
      clock.advance(status.retryInMs - 1);
      await turn();
      expect(connections.length).toBe(before);
      clock.advance(1);
      await turn();
      expect(connections.length).toBe(before + 1);
    };
    for (let i = 0; i < 6; i++) await failOnce();
    draw(0.999);
    await failOnce();
    expect(waits).toEqual([250, 500, 1000, 1500, 1500, 1500, 2997]);
    draw(0.5);
    await last().give();
    await last().give([picture()]);
    await failOnce();
    expect(waits.at(-1)).toBe(250);
    expect(new Set(urls)).toEqual(new Set([url]));
    expect(JSON.stringify(statuses)).not.toContain('s3cret');
    expect(connections.slice(0, -1).every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('asks at most twice a minute after a wrong password', async () => {
    const { clock, connections, last } = await open();
    await last().fail(new CameraFault('INGEST_CAMERA_UNAUTHORIZED', '401'));
    clock.advance(30_000);
    await turn();
    expect(connections.length).toBe(1);
    clock.advance(250);
    await turn();
    expect(connections.length).toBe(2);
  });

  it('interrupts a connection that gives no first frame in time, wherever it hangs', async () => {
    const { clock, statuses, last } = await open({ connectTimeoutMs: 4000 });
    clock.advance(3000);
    await last().give();
    clock.advance(999);
    expect(last().interrupts).toBe(0);
    clock.advance(1);
    expect(last().interrupts).toBe(1);
    await last().fail();
    expect(statuses.at(-1)).toMatchObject({ state: 'reconnecting', code: 'INGEST_CAMERA_STALLED' });
  });

  it('interrupts a connection that gives no more frames, but not one whose process had no time', async () => {
    const { clock, statuses, last, frames } = await open({ resume: { index: 7, timestampUs: 5e6 } });
    await last().give();
    await last().give([picture(), picture()]);
    expect(frames.map(({ index, timestampUs }) => [index, timestampUs])).toEqual([
      [7, 5e6],
      [8, 5e6],
    ]);
    clock.advance(4000);
    await last().give([picture()]);
    clock.sleep(20_000);
    clock.advance(4999);
    expect(last().interrupts).toBe(0);
    clock.advance(1);
    expect(last().interrupts).toBe(1);
    await last().fail();
    expect(statuses.at(-1)).toMatchObject({ code: 'INGEST_CAMERA_STALLED' });
  });

  it('gives up a call that does not even return when it is told to: the process is lost', async () => {
    const { camera, clock, last } = await open();
    clock.advance(10_000);
    expect(last().interrupts).toBe(1);
    const closed = expect(camera.closed).rejects.toMatchObject({ code: 'INGEST_CAMERA_STALLED', retryable: true });
    clock.advance(5000);
    await closed;
    await camera[Symbol.asyncDispose]();
  });

  it('ends when it is disposed: at once while it waits, after the call under way while it reads', async () => {
    const waiting = await open();
    await waiting.last().fail(new CameraFault('INGEST_CAMERA_UNREACHABLE', 'refused'));
    await waiting.camera[Symbol.asyncDispose]();
    expect(waiting.clock.pending).toBe(0);
    const reading = await open();
    await reading.last().give();
    const ended = reading.camera[Symbol.asyncDispose]();
    expect(reading.last().interrupts).toBe(1);
    await reading.last().fail();
    await ended;
    expect(reading.statuses.at(-1)).toEqual({ state: 'stopped' });
    expect(reading.last().isClosed).toBe(true);
    expect(reading.clock.pending).toBe(0);
  });

  it('checks its options', async () => {
    for (const options of [{ stallTimeoutMs: 0 }, { frozenAfterMs: Number.NaN }, { decoderThreads: 17 }]) {
      await expect(open(options)).rejects.toMatchObject({ code: 'INGEST_OPTION_INVALID' });
    }
  });
});

describe('what is used of a camera', () => {
  it.each([
    [25, 10],
    [25, 12.5],
    [30, 1],
    [5, 10],
    [15, 14],
  ])('of %s pictures a second at most %s', (sent, most) => {
    const random = seeded(3);
    const limit = new RateLimit(most);
    const seconds = 60;
    const used = Array.from({ length: sent * seconds }, (_, i) => ((i + 0.4 * random()) * 1_000_000) / sent).filter(
      time => limit.takes(time),
    );
    expect(used.length / seconds).toBeGreaterThan(0.95 * Math.min(sent, most));
    expect(used.length / seconds).toBeLessThanOrEqual(1.01 * Math.min(sent, most));
  });

  it('goes on when the clock is set', () => {
    const limit = new RateLimit(1);
    const times = [10e6, 10.5e6, 3e6, 3.5e6, 4e6, 900e6, 900.9e6, 901e6];
    expect(times.map(time => limit.takes(time))).toEqual([true, false, true, false, true, true, false, true]);
  });

  it.each([
    ['rtsp://10.0.0.7/Streaming/Channels/101', 'rtsp://10.0.0.7/Streaming/Channels/102'],
    ['rtsp://a:b@10.0.0.7/Streaming/Channels/1201?x=1', 'rtsp://a:b@10.0.0.7/Streaming/Channels/1202?x=1'],
    ['rtsp://10.0.0.7/cam/realmonitor?channel=1&subtype=0', 'rtsp://10.0.0.7/cam/realmonitor?channel=1&subtype=1'],
    ['rtsp://10.0.0.7/h264Preview_01_main', 'rtsp://10.0.0.7/h264Preview_01_sub'],
    ['rtsp://10.0.0.7:554/stream1', 'rtsp://10.0.0.7:554/stream2'],
    ['rtsp://10.0.0.7/videoMain', 'rtsp://10.0.0.7/videoSub'],
    ['rtsp://10.0.0.7/live', null],
    ['rtsp://10.0.0.7/Streaming/Channels/102', null],
  ])('finds the small stream of %s', (url, expected) => {
    expect(substreamUrl(url)).toBe(expected);
  });

  it('refuses what it cannot do', () => {
    const url = 'rtsp://door:s3cret@10.0.0.7/live';
    expect(() => checkCamera({ url, maxFps: 0 })).toThrow('maxFps');
    expect(() => checkCamera({ url, substream: true })).toThrow('substream');
    expect(() => checkCamera({ url, substream: true })).not.toThrow('s3cret');
    expect(checkCamera({ url: 'rtsp://door:s3cret@10.0.0.7/stream1', substream: true }).secret).toBe(
      'rtsp://door:s3cret@10.0.0.7/stream2',
    );
  });

  it('spreads a segment, and begins anew behind one that was late', async () => {
    const clock = new ManualClock();
    const pace = new SegmentPace(clock);
    const due: [number, number][] = [];
    const take = async (us: number): Promise<void> => {
      await pace.due(us);
      due.push([us / 1000, clock.nowMs() - startMs]);
    };
    const startMs = clock.nowMs();
    await take(500_000);
    for (const us of [540_000, 580_000]) {
      const waiting = take(us);
      clock.advance(40);
      await waiting;
    }
    clock.advance(100);
    await take(620_000);
    const waiting = take(660_000);
    clock.advance(40);
    await waiting;
    await take(90_000_000);
    const stopped = take(90_500_000);
    pace.stop();
    await stopped;
    expect(due).toEqual([
      [500, 0],
      [540, 40],
      [580, 80],
      [620, 180],
      [660, 220],
      [90_000, 220],
      [90_500, 220],
    ]);
  });
});
