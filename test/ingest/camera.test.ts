import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRtspServer, RtspServer, sceneLaunch } from '../../bench/rtsp-server.ts';
import { encodeImage } from '../../ingest/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { CameraWatcher } from './camera-watcher.ts';

// Short bounds, so that a test takes seconds; bench/camera-faults measures with those that users have.
const quick = { stallTimeoutMs: 1500, frozenAfterMs: 2000, blackAfterMs: 2000 };

describe.skipIf(!hasRtspServer())('a camera over RTSP', () => {
  it('plays, over TCP and UDP, frames that ascend without a gap and carry the time of their capture', async () => {
    await using server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
    for (const transport of ['tcp', 'udp'] as const) {
      await using watcher = await CameraWatcher.open({ url: server.url('/live'), transport, ...quick });
      // Sender reports come after a second or two.
      while (watcher.frames.at(-1)?.captureClock !== 'sender') await watcher.plays(5);
      const { frames, statuses } = watcher;
      expect(frames.map(({ index }) => index)).toEqual(frames.map((_, i) => i));
      const times = frames.map(({ timestampUs }) => timestampUs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(frames[0]).toMatchObject({ captureClock: 'receiver', width: 320, height: 240 });
      expect(Math.abs(Date.now() - (times.at(-1) ?? 0) / 1000)).toBeLessThan(2000);
      expect(statuses[0]).toEqual({ state: 'connecting', attempt: 1 });
      expect(statuses[1]).toMatchObject({ state: 'playing', codec: 'h264', captureClock: 'receiver' });
      expect(watcher.camera.counts).toMatchObject({ reconnects: 0, codecChanges: 0, sizeChanges: 0 });
      await watcher[Symbol.asyncDispose]();
      expect(statuses.at(-1)).toEqual({ state: 'stopped' });
    }
  });

  it('comes back after a kill, a refused port and a stall, and goes on counting', async () => {
    await using server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
    await using watcher = await CameraWatcher.open({ url: server.url('/live'), ...quick });
    await watcher.plays();
    const killed = watcher.fails('INGEST_CAMERA_ENDED');
    const refused = watcher.fails('INGEST_CAMERA_UNREACHABLE');
    await server.kill();
    await killed;
    expect((await refused).message).toContain('Connection refused');
    await server.start();
    await watcher.plays();
    const stalled = watcher.fails('INGEST_CAMERA_STALLED');
    server.stall();
    expect((await stalled).message).toContain('no frame for 1500 ms');
    server.resume();
    await watcher.plays();
    expect(watcher.camera.counts.reconnects).toBe(2);
    expect(watcher.frames.map(({ index }) => index)).toEqual(watcher.frames.map((_, i) => i));
  });

  it('tells a frozen and a black picture, and plays on when the scene lives again', async () => {
    await using server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
    await using watcher = await CameraWatcher.open({ url: server.url('/live'), ...quick });
    await watcher.plays();
    for (const [pattern, code] of [
      ['smpte75', 'INGEST_CAMERA_FROZEN'],
      ['solid-color', 'INGEST_CAMERA_BLACK'],
    ] as const) {
      const failed = watcher.fails(code);
      await server.set('scene', 'foreground-color', '0xff000000');
      await server.set('scene', 'pattern', pattern);
      await failed;
      await server.set('scene', 'pattern', 'snow');
      await watcher.plays(60);
      expect(watcher.camera.status.state).toBe('playing');
    }
  });

  it('goes on when size and codec change, and counts that', async () => {
    await using server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
    await using watcher = await CameraWatcher.open({ url: server.url('/live'), ...quick });
    await watcher.plays();
    await server.set('size', 'caps', 'video/x-raw,format=I420,width=480,height=272,framerate=25/1');
    while (watcher.frames.at(-1)?.width !== 480) await watcher.plays(1);
    expect(watcher.camera.counts).toMatchObject({ reconnects: 0, sizeChanges: 1 });
    await server.kill();
    await server.start({ mounts: { '/live': sceneLaunch({ encoder: 'mjpeg' }) } });
    await watcher.plays();
    expect(watcher.camera.counts).toMatchObject({ codecChanges: 1, sizeChanges: 2 });
    expect(watcher.statuses.at(-1)).toMatchObject({ state: 'playing', codec: 'mjpeg', width: 320 });
  });

  it('says what is wrong with a password, a path, and a stream without video', async () => {
    const audio = '( audiotestsrc is-live=true ! audioconvert ! mulawenc ! rtppcmupay name=pay0 pt=0 )';
    const mounts = { '/live': sceneLaunch(), '/audio': audio };
    const [user, password] = ['door', 's3:c/r@t%'];
    await using locked = await RtspServer.start({ mounts, user, password });
    await using server = await RtspServer.start({ mounts });
    const folder = await temporaryFolder();
    const file = join(folder, 'login');
    await writeFile(file, `${user}:${password}\n`);
    await writeFile(join(folder, 'wrong'), 'door:wr0ng-secret\n');
    const wrong = { file: join(folder, 'wrong') };
    for (const [options, code] of [
      [{ url: locked.url('/live'), credentials: wrong }, 'INGEST_CAMERA_UNAUTHORIZED'],
      [{ url: locked.url('/live', 'door:wr0ng-secret@') }, 'INGEST_CAMERA_UNAUTHORIZED'],
      [{ url: server.url('/nothing') }, 'INGEST_CAMERA_NOT_FOUND'],
      [{ url: server.url('/audio') }, 'INGEST_CAMERA_NO_VIDEO'],
    ] as const) {
      await using watcher = await CameraWatcher.open({ ...options, ...quick });
      const status = await watcher.fails(code);
      expect(status.retryInMs >= 30_000).toBe(code === 'INGEST_CAMERA_UNAUTHORIZED');
      expect(JSON.stringify([watcher.statuses, watcher.camera.location])).not.toContain('wr0ng');
    }
    await using watcher = await CameraWatcher.open({ url: locked.url('/live'), credentials: { file }, ...quick });
    await watcher.plays();
  });
});

describe('a camera', () => {
  it('plays MJPEG over HTTP', async () => {
    const bytes = (brightness: number): Uint8Array => new Uint8Array(64 * 48 * 3).fill(brightness);
    const pictures = await Promise.all(
      [60, 120, 180].map(level => encodeImage({ width: 64, height: 48, bytes: bytes(level) }, { format: 'jpeg' })),
    );
    let sent = 0;
    const server: Server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
      const timer = setInterval(() => {
        const picture = pictures[sent++ % 3] ?? new Uint8Array();
        response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
        response.write(picture);
        response.write('\r\n');
      }, 20);
      response.on('close', () => clearInterval(timer));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/video`;
    await using watcher = await CameraWatcher.open({ url, ...quick });
    await watcher.plays();
    expect(watcher.frames.at(-1)).toMatchObject({ captureClock: 'receiver', width: 64, height: 48 });
    const ended = watcher.fails('INGEST_CAMERA_ENDED');
    server.closeAllConnections();
    server.close();
    await ended;
  });

  it('gives a connection up that takes too long, the first one too', async () => {
    const silent = createTcpServer(socket => socket.on('error', () => undefined));
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    const url = `rtsp://127.0.0.1:${(silent.address() as AddressInfo).port}/live`;
    await using watcher = await CameraWatcher.open({ url, connectTimeoutMs: 500 });
    const startedMs = performance.now();
    expect((await watcher.fails('INGEST_CAMERA_UNREACHABLE')).message).toContain('no answer within 500 ms');
    expect(performance.now() - startedMs).toBeLessThan(3000);
    silent.close();
  });

  it('stops at once while it connects and while it waits', async () => {
    const silent = createTcpServer(socket => socket.on('error', () => undefined));
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const connecting = await CameraWatcher.open({ url: `rtsp://127.0.0.1:${port}/live` });
    const waiting = await CameraWatcher.open({ url: 'rtsp://127.0.0.1:1/live' });
    await waiting.fails('INGEST_CAMERA_UNREACHABLE');
    const startedMs = performance.now();
    await connecting[Symbol.asyncDispose]();
    await waiting[Symbol.asyncDispose]();
    expect(performance.now() - startedMs).toBeLessThan(1500);
    expect([connecting, waiting].map(({ camera }) => camera.status.state)).toEqual(['stopped', 'stopped']);
    silent.close();
  });
});
