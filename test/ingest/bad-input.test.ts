import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ingestErrors, openFootage, SaccadeError } from '../../ingest/index.ts';
import { loadNodeAv } from '../../ingest/load-node-av.ts';
import { hasFfmpeg } from './has-ffmpeg.ts';
import { tinyClip, tinyFile, tinyImage, tinyPath, tinySound } from './tiny-clips.ts';

async function errorOf(promise: Promise<unknown>): Promise<SaccadeError> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SaccadeError);
  return error as SaccadeError;
}

/** An MP4 as a camera leaves it that loses power: the pictures are there, the index is not. */
function cutOff(): string {
  const bytes = readFileSync(tinyClip('whole.mp4'));
  return tinyFile('cut-off.mp4', bytes.subarray(0, bytes.indexOf('moov') - 4));
}

/** A sound MP4 whose codec was renamed into one that does not exist. */
function unknownCodec(): string {
  const bytes = readFileSync(tinyClip('known.mp4'));
  bytes.write('zzzz', bytes.indexOf('avc1', bytes.indexOf('stsd')), 'latin1');
  return tinyFile('unknown-codec.mp4', bytes);
}

function folderWithout(): string {
  mkdirSync(tinyPath('no-images'), { recursive: true });
  tinyFile('no-images/readme.txt', 'text');
  return tinyPath('no-images');
}

const rows: { name: string; path: () => string; code: string; says: string }[] = [
  { name: 'a missing file', path: () => tinyPath('nothing.mp4'), code: 'INGEST_FILE_NOT_FOUND', says: 'nothing.mp4' },
  {
    name: 'a URL, whose password is not printed',
    path: () => 'rtsp://user:secret@10.0.0.7/stream2',
    code: 'INGEST_FILE_NOT_FOUND',
    says: 'rtsp://***@10.0.0.7/stream2',
  },
  {
    name: 'a URL that looks like a pattern',
    path: () => 'http://user:secret@10.0.0.7/a?b',
    code: 'INGEST_NO_IMAGES',
    says: 'http://***@10.0.0.7/a?b',
  },
  { name: 'an empty file', path: () => tinyFile('empty.mp4', ''), code: 'INGEST_FILE_EMPTY', says: '0 bytes' },
  {
    name: 'text',
    path: () => tinyFile('text.mp4', 'This is no video at all.\n'.repeat(50)),
    code: 'INGEST_NOT_A_VIDEO',
    says: 'text.mp4',
  },
  {
    name: 'junk',
    path: () => tinyFile('junk.mp4', Buffer.alloc(5000, 0xab)),
    code: 'INGEST_NOT_A_VIDEO',
    says: 'junk.mp4',
  },
  { name: 'an MP4 without its index', path: cutOff, code: 'INGEST_NOT_A_VIDEO', says: 'moov' },
  { name: 'sound alone', path: () => tinySound('sound.wav'), code: 'INGEST_NO_VIDEO_STREAM', says: 'sound.wav' },
  {
    name: 'a video without frames',
    path: () => tinyClip('none.avi', { frames: 0, container: 'avi' }),
    code: 'INGEST_NO_FRAMES',
    says: 'got 0',
  },
  { name: 'a folder without images', path: folderWithout, code: 'INGEST_NO_IMAGES', says: '1 other files (.txt)' },
  { name: 'a pattern without a match', path: () => tinyPath('*.jpeg'), code: 'INGEST_NO_IMAGES', says: 'no files' },
  {
    name: 'images none of which decodes',
    path: () => tinyFile('broken.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0, 1, 2)),
    code: 'INGEST_NO_IMAGES',
    says: 'none of which decodes',
  },
  { name: 'a device', path: () => '/dev/null', code: 'INGEST_FILE_UNREADABLE', says: 'neither a file nor a folder' },
];

describe.each(['node-av', 'ffmpeg'] as const)('bad input for %s', decoder => {
  const runs = decoder === 'node-av' || hasFfmpeg;

  it.runIf(runs).each(rows)('$name: $code', async ({ path, code, says }) => {
    const error = await errorOf(openFootage({ path: path(), decoder }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
    expect(error.message).toContain(error.remedy);
    expect(error.message).not.toMatch(/\{\w+\}/);
  });

  it.runIf(runs)('a codec that nobody knows: INGEST_NO_DECODER', async () => {
    const error = await errorOf(openFootage({ path: unknownCodec(), decoder }));
    expect(error.code).toBe('INGEST_NO_DECODER');
    expect(error.message).toContain(decoder);
  });
});

it('a video under another extension is read by what it holds', async () => {
  await using footage = await openFootage({ path: tinyFile('video.txt', readFileSync(tinyClip('video.mp4'))) });
  expect(footage.table.timestampsUs).toHaveLength(30);
  expect(
    await errorOf(openFootage({ path: tinyFile('sound.mp4', readFileSync(tinySound('sound.wav'))) })),
  ).toMatchObject({ code: 'INGEST_NO_VIDEO_STREAM' });
});

it('a file that may not be read: INGEST_FILE_UNREADABLE', async context => {
  if (process.getuid?.() === 0) {
    console.warn('skipped: a file that may not be read, since root may read every file');
    context.skip();
  }
  const path = tinyFile('secret.mp4', 'secret');
  chmodSync(path, 0);
  expect(await errorOf(openFootage({ path }))).toMatchObject({ code: 'INGEST_FILE_UNREADABLE' });
});

it.each([
  { option: 'decoderThreads', value: 0 },
  { option: 'decoderThreads', value: 17 },
  { option: 'decoderThreads', value: 1.5 },
  { option: 'imageRateFps', value: 0 },
  { option: 'imageRateFps', value: Number.NaN },
])('$option $value: INGEST_OPTION_INVALID', async ({ option, value }) => {
  const error = await errorOf(openFootage({ path: 'any.mp4', [option]: value }));
  expect(error).toMatchObject({ code: 'INGEST_OPTION_INVALID' });
  expect(error.message).toContain(`got ${value}`);
});

it('a pixel size that is none: INGEST_OPTION_INVALID', async () => {
  const pixelRequests = [{ width: 0, height: 10, format: 'gray' }] as const;
  expect(await errorOf(openFootage({ path: 'any.mp4', pixelRequests }))).toMatchObject({
    code: 'INGEST_OPTION_INVALID',
  });
  await using footage = await openFootage({ path: tinyImage('one.jpg', 0, { width: 16, height: 16 }) });
  for await (const frame of footage.frames({ from: 0, to: 1 }, () => true)) {
    const invalid = expect.objectContaining({ code: 'INGEST_OPTION_INVALID' });
    expect(() => frame.pixels({ width: 1.5, height: 10, format: 'gray' })).toThrow(invalid);
    frame[Symbol.dispose]();
  }
});

it('node-av without its binary: INGEST_NODE_AV_UNAVAILABLE', async () => {
  const load = (): Promise<never> => Promise.reject(new Error('Could not load the node-av native binding.\nTried …'));
  const error = await errorOf(loadNodeAv(load));
  expect(error.code).toBe('INGEST_NODE_AV_UNAVAILABLE');
  expect(error.message).toContain('native binding.');
  expect(error.message).not.toContain('Tried');
});

it('every text says what was expected or what to do, and ends in a full stop', () => {
  for (const { message, remedy } of Object.values(ingestErrors.entries)) {
    expect(message.length).toBeGreaterThan(20);
    expect(remedy).toMatch(/[.}]$/);
  }
});
