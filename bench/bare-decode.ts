// What bare decoding costs, by our own loop and by ffmpeg, in processes of their own.
//
// Usage: node dist/bench/bare-decode.js FILE [keyframes]    prints the rate of our own loop in frames per second
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openFootage } from '../ingest/index.ts';

const run = promisify(execFile);

/**
 * Rate of our own decoding loop over a file with one thread, frames of footage per second; opening is not counted.
 * @param what - `keyframes` decodes these alone: what keyframes with refinement cannot exceed.
 */
export async function ownDecodeFps(path: string, what: 'all' | 'keyframes' = 'all'): Promise<number> {
  const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), path, what]);
  return Number(stdout);
}

/** Rate of `ffmpeg -f null` over a file with one thread, frames per second by ffmpeg's own clock; null without ffmpeg. */
export async function ffmpegDecodeFps(path: string, frameCount: number): Promise<number | null> {
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
  const args = [
    '-nostdin',
    '-v',
    'info',
    '-nostats',
    '-benchmark',
    '-threads',
    '1',
    '-i',
    path,
    '-an',
    '-f',
    'null',
    '-',
  ];
  try {
    const { stderr } = await run(ffmpeg, args);
    const seconds = Number(/rtime=([\d.]+)s/.exec(stderr)?.[1]);
    return frameCount / seconds;
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await using footage = await openFootage({ path: process.argv[2] ?? '' });
  const frameCount = footage.table.timestampsUs.length;
  const range = { from: 0, to: frameCount };
  const started = performance.now();
  const decoded = process.argv[3] === 'keyframes' ? footage.groups(range) : footage.frames(range, () => false);
  for await (const one of decoded) one[Symbol.dispose]();
  console.log(frameCount / ((performance.now() - started) / 1000));
}
