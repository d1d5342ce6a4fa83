// Entry of a worker process that does one piece of work on footage and ends.
import {
  encodeImage,
  type Footage,
  type Frame,
  type FrameIndex,
  openFootage,
  type PixelRequest,
  serveWorker,
  toErrorRecord,
} from '../ingest/index.ts';
import { AverageScene } from './detectors/average-scene.ts';
import { cascadeErrors } from './errors.ts';
import type { FootageTask, FootageTaskResults, FromFootageTask, ToFootageTask } from './footage-task-protocol.ts';

type Progress = (frames: number, frameCount: number) => void;

const progressEveryMs = 100;
const stillQuality = 80;

await serveWorker<ToFootageTask, FromFootageTask>(post => {
  let toldMs = 0;
  const progress: Progress = (frames, frameCount) => {
    if (performance.now() - toldMs < progressEveryMs) return;
    toldMs = performance.now();
    void post({ type: 'progress', frames, frameCount });
  };
  return async ({ task }) => {
    try {
      await post({ type: 'done', result: await work(task, progress) });
    } catch (error) {
      await post({ type: 'failed', error: toErrorRecord(error) });
    }
  };
});

function work(task: FootageTask, progress: Progress): Promise<FootageTaskResults[FootageTask['kind']]> {
  switch (task.kind) {
    case 'measure-decode':
      return measureDecode(task, progress);
    case 'average-scene':
      return averageScene(task, progress);
    case 'stills':
      return readStills(task, progress);
    case 'pictures':
      return readPictures(task, progress);
  }
}

type TaskOf<Kind extends FootageTask['kind']> = Extract<FootageTask, { kind: Kind }>;

async function measureDecode(
  { footage: options }: TaskOf<'measure-decode'>,
  progress: Progress,
): Promise<FootageTaskResults['measure-decode']> {
  await using footage = await openFootage(options);
  const frames = footage.table.timestampsUs.length;
  const started = performance.now();
  let passed = 0;
  const wanted = (): boolean => {
    progress(++passed, frames);
    return false;
  };
  for await (const frame of footage.frames({ from: 0, to: frames }, wanted)) frame[Symbol.dispose]();
  return { frames, seconds: (performance.now() - started) / 1000 };
}

async function averageScene(
  task: TaskOf<'average-scene'>,
  progress: Progress,
): Promise<FootageTaskResults['average-scene']> {
  let scene: AverageScene | undefined;
  await readFrames(task, { progress, request: size => size }, (frame, request) => {
    scene ??= new AverageScene(request);
    scene.add(frame.pixels(request));
  });
  const bytes = scene?.picture();
  if (scene === undefined || bytes === undefined) throw cascadeErrors.create('CASCADE_SCENE_NO_FRAMES', {});
  const { width, height } = scene.request;
  return { image: await encodeImage({ width, height, bytes }, { format: 'png' }), frames: scene.count };
}

async function readStills(task: TaskOf<'stills'>, progress: Progress): Promise<FootageTaskResults['stills']> {
  const pictures = new Map<FrameIndex, { request: PixelRequest; bytes: Uint8Array }>();
  const request = ({ width, height }: Size): Size => ({
    width: task.width,
    height: Math.max(1, Math.round((task.width * height) / width)),
  });
  await readFrames(task, { progress, request }, (frame, request) => {
    pictures.set(frame.index, { request, bytes: frame.pixels(request) });
  });
  const stills = new Map<FrameIndex, Uint8Array>();
  for (const [index, { request, bytes }] of pictures) {
    const { width, height } = request;
    stills.set(index, await encodeImage({ width, height, bytes }, { format: 'jpeg', quality: stillQuality }));
  }
  return stills;
}

async function readPictures(task: TaskOf<'pictures'>, progress: Progress): Promise<FootageTaskResults['pictures']> {
  const { request, frames } = task;
  await using footage = await openFootage({ ...task.footage, pixelRequests: [request] });
  const pictures = new Map<FrameIndex, Uint8Array>();
  for (const [done, index] of [...new Set(frames)].sort((a, b) => a - b).entries()) {
    // One by one, so that the decoder goes to the keyframe before each instead of decoding what lies between them.
    for await (const frame of footage.frames({ from: index, to: index + 1 }, () => true)) {
      using owned = frame;
      pictures.set(index, owned.pixels(request));
    }
    progress(done + 1, frames.length);
  }
  return pictures;
}

type Size = Pick<PixelRequest, 'width' | 'height'>;

/** Hands out the frames of a list, each for the time of the call. */
async function readFrames(
  { footage: options, frames }: TaskOf<'average-scene' | 'stills'>,
  { progress, request: sizeOf }: { progress: Progress; request: (shown: Size) => Size },
  take: (frame: Frame, request: PixelRequest) => void,
): Promise<void> {
  let footage: Footage = await openFootage(options);
  try {
    const { width, height } = sizeOf(footage.info);
    const request: PixelRequest = { width, height, format: 'rgb' };
    if (options.decoder === 'ffmpeg') {
      await footage[Symbol.asyncDispose]();
      footage = await openFootage({ ...options, pixelRequests: [request] });
    }
    const frameCount = footage.table.timestampsUs.length;
    const listed = new Set(frames);
    const to = Math.min(frameCount, 1 + frames.reduce((last, frame) => Math.max(last, frame), -1));
    const range = { from: frames.reduce((first, frame) => Math.min(first, frame), to), to };
    for await (const frame of footage.frames(range, index => listed.has(index))) {
      using owned = frame;
      take(owned, request);
      progress(owned.index, range.to);
    }
  } finally {
    await footage[Symbol.asyncDispose]();
  }
}
