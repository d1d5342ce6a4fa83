import { LoadedModel, looksPerChunk, type Picture, pictureRequest } from '../../cascade/index.ts';
import type { Footage, Frame, PixelRequest, PostMessage } from '../../ingest/index.ts';
import type { Stretch } from '../labeled-part.ts';
import type { StageCosts } from '../stage-costs.ts';
import { DifferenceTimes } from './difference-times.ts';
import { median } from './median.ts';
import { processorUs } from './processor-clock.ts';
import type { MeasuredClassifier, StreamProfileNote, StreamProfileTask } from './stream-profile.ts';

/** Chunks measured at least, however little time there is. */
const leastChunks = 3;
/** Pictures sent of each chunk. */
const sendsPerChunk = 4;

type StageTask = Pick<StreamProfileTask, 'windows' | 'differences' | 'classifiers' | 'referenceModel' | 'durationMs'>;

/**
 * Measures the stages after decoding, in the order and with the memory traffic that a stream worker has: each frame is
 * scaled for the difference detector while it is hot in the cache, a chunk of frames is kept decoded and scaled for the
 * specialized model later, and pictures for the reference model are sent to another process.
 */
export async function measureStages(
  footageOf: (window: Stretch) => Footage,
  { windows, differences, classifiers, referenceModel, durationMs }: StageTask,
  post: PostMessage<StreamProfileNote>,
): Promise<Pick<StageCosts, 'differenceUs' | 'specializedUs' | 'referenceSendUs'>> {
  const started = performance.now();
  const difference = new DifferenceTimes(differences);
  const models = await loadModels(classifiers);
  const sendUs: number[] = [];
  let chunks = 0;
  try {
    for (let turn = 0; windows.length > 0; turn++) {
      const window = windows[turn % windows.length] as Stretch;
      for await (const chunk of chunksOf(footageOf(window), window, frame => difference.scale(frame))) {
        try {
          for (const model of models) await model.measure(chunk);
          sendUs.push(await measureSend(chunk, referenceModel, post));
        } finally {
          for (const frame of chunk) frame[Symbol.dispose]();
        }
        chunks++;
        if (chunks >= leastChunks && performance.now() - started > durationMs) break;
      }
      if (turn + 1 >= leastChunks && performance.now() - started > durationMs) break;
    }
  } finally {
    for (const { model } of models) await model[Symbol.asyncDispose]();
  }
  return {
    differenceUs: difference.costs(),
    specializedUs: Object.fromEntries(models.map(({ id, costUs }) => [id, costUs])),
    referenceSendUs: median(sendUs),
  };
}

/** Frames of a window, as many at once as a stream worker looks at together; owned by the caller. */
async function* chunksOf(footage: Footage, { range }: Stretch, look: (frame: Frame) => void): AsyncGenerator<Frame[]> {
  const size = Math.min(looksPerChunk, range.to - range.from);
  let chunk: Frame[] = [];
  try {
    for await (const frame of footage.frames(range, () => true)) {
      chunk.push(frame);
      look(frame);
      if (chunk.length < size) continue;
      const full = chunk;
      chunk = [];
      yield full;
    }
  } finally {
    for (const frame of chunk) frame[Symbol.dispose]();
  }
}

function scaled(frame: Frame, { width, height, format }: PixelRequest): Picture {
  const bytes = frame.pixels({ width, height, format });
  return { width, height, bytes, frameWidth: frame.width, frameHeight: frame.height };
}

/** A classifier, and what each chunk took it. */
class ClassifierTimes {
  readonly id: string;
  readonly model: LoadedModel;
  readonly #timesUs: number[] = [];
  #isWarm = false;

  constructor(id: string, model: LoadedModel) {
    this.id = id;
    this.model = model;
  }

  /** Scales and scores the frames of a chunk. */
  async measure(chunk: readonly Frame[]): Promise<void> {
    const [first] = chunk;
    if (first === undefined) return;
    const request = pictureRequest(this.model.declaration, first);
    const started = processorUs();
    const pictures = chunk.map(frame => scaled(frame, request));
    const scaledUs = processorUs() - started;
    // The first run of a shape plans its memory.
    if (!this.#isWarm) await this.model.confidences(pictures);
    this.#isWarm = true;
    const startedScoring = processorUs();
    await this.model.confidences(pictures);
    this.#timesUs.push((scaledUs + processorUs() - startedScoring) / chunk.length);
  }

  /** Median cost of a frame in µs. */
  get costUs(): number {
    return median(this.#timesUs);
  }
}

async function loadModels(classifiers: readonly MeasuredClassifier[]): Promise<ClassifierTimes[]> {
  const models: ClassifierTimes[] = [];
  try {
    for (const { id, model } of classifiers) models.push(new ClassifierTimes(id, await LoadedModel.load(model)));
    return models;
  } catch (error) {
    for (const { model } of models) await model[Symbol.asyncDispose]();
    throw error;
  }
}

/** What it costs in µs to scale a picture and send it. */
async function measureSend(
  chunk: readonly Frame[],
  { declaration }: StreamProfileTask['referenceModel'],
  post: PostMessage<StreamProfileNote>,
): Promise<number> {
  const frames = chunk.slice(0, sendsPerChunk);
  const started = processorUs();
  await Promise.all(frames.map(frame => post({ picture: scaled(frame, pictureRequest(declaration, frame)) })));
  return (processorUs() - started) / frames.length;
}
