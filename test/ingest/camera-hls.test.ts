import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../ingest/ffmpeg/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { CameraWatcher } from './camera-watcher.ts';
import { hasFfmpeg } from './has-ffmpeg.ts';

/** FFmpeg that films a test picture into segments of one second, until it is killed. */
async function film(folder: string): Promise<ChildProcess> {
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25', '-vf', 'noise=alls=20:allf=t'];
  const coding = ['-c:v', 'mpeg2video', '-b:v', '1M', '-g', '25'];
  const segments = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments+append_list'];
  const filming = spawn(
    findProgram('ffmpeg'),
    ['-v', 'quiet', ...source, ...coding, ...segments, join(folder, 'live.m3u8')],
    {
      stdio: 'ignore',
    },
  );
  await vi.waitUntil(
    () =>
      access(join(folder, 'live.m3u8')).then(
        () => true,
        () => false,
      ),
    { timeout: 10_000 },
  );
  return filming;
}

async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = join(folder, (request.url ?? '/').replaceAll('..', ''));
    readFile(path).then(
      bytes => {
        const type = path.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp2t';
        response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe.skipIf(!hasFfmpeg)('a camera over HLS', () => {
  it('spreads the pictures of each segment, and comes back when the playlist stood still', async () => {
    const folder = await temporaryFolder();
    let filming = await film(folder);
    const server = await serve(folder);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.m3u8`;
    await using watcher = await CameraWatcher.open({ url, stallTimeoutMs: 1500 });
    await watcher.plays(90);
    expect(watcher.frames.at(-1)).toMatchObject({ captureClock: 'receiver', width: 160, height: 120 });
    // A segment holds 25 pictures, which FFmpeg reads within some ms.
    const times = watcher.frames.slice(10).map(({ timestampUs }) => timestampUs / 1000);
    const most = Math.max(...times.map(time => times.filter(other => other >= time && other < time + 200).length));
    expect(most).toBeLessThan(16);
    const stalled = watcher.fails('INGEST_CAMERA_STALLED');
    filming.kill('SIGKILL');
    expect((await stalled).message).toContain('no frame for 1500 ms');
    filming = await film(folder);
    await watcher.plays(30);
    const ended = watcher.fails('INGEST_CAMERA_UNREACHABLE');
    server.close();
    server.closeAllConnections();
    await ended;
    filming.kill('SIGKILL');
  });
});
