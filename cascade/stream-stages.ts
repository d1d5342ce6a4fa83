import type { DecoderName, Frame, PixelRequest } from '../ingest/index.ts';
import type { Thresholds } from './decide.ts';
import { createDifferenceDetector } from './detectors/create-difference-detector.ts';
import { LoadedModel } from './models/loaded-model.ts';
import { type FrameSize, type Picture, pictureRequest } from './models/model-input.ts';
import type { StoredModel } from './models/stored-model.ts';
import { readScene } from './read-scene.ts';
import { looksPerChunk, type StageTimes, type StreamProgramConfig } from './stream-protocol.ts';

/** The stages next to the decoder, loaded and ready; counts the time that each takes. */
export interface StreamStages extends AsyncDisposable {
  readonly thresholds: Thresholds;
  readonly difference: {
    readonly request: PixelRequest;
    /** Picture of the empty scene at the detector's size; null: frames are compared with earlier ones. */
    readonly scene: Uint8Array | null;
    readonly tDiffFrames: number | null;
    score(picture: Uint8Array, reference: Uint8Array): number;
  } | null;
  readonly specialized: {
    /** The frame, scaled to the model's input. */
    picture(frame: Frame): Picture;
    /** Confidences 0–1 for as many pictures; NaN where the model gave no number. */
    confidences(pictures: readonly Picture[]): Promise<readonly number[]>;
  } | null;
  /** The frame, scaled to the reference model's input. */
  askPicture(frame: Frame): Picture;
  /** Every picture size that will be asked of frames of this size. */
  requests(frame: FrameSize): readonly PixelRequest[];
  /** Scales a frame for a stage. */
  scale(frame: Frame, request: PixelRequest): Uint8Array;
  /** Time taken so far, without decoding. */
  readonly times: Omit<StageTimes, 'decodeMs'>;
}

/**
 * Loads the difference detector with its scene and the specialized model of a plan.
 * @param decoder - What the picture of the empty scene is decoded with.
 * @throws CASCADE_SCENE_INVALID - when the picture of the empty scene does not decode; CASCADE_MODEL_NOT_BINARY - when the
 *   specialized model has a detector's head; and what loading a model throws.
 */
export async function loadStreamStages(config: StreamProgramConfig, decoder: DecoderName): Promise<StreamStages> {
  const times = { scaleMs: 0, differenceMs: 0, specializedMs: 0 };
  const { declaration } = config.referenceModel;
  const difference = await loadDifference(config, { times, decoder });
  const scale = (frame: Frame, request: PixelRequest): Uint8Array => {
    const started = performance.now();
    const pixels = frame.pixels(request);
    times.scaleMs += performance.now() - started;
    return pixels;
  };
  const loaded = await loadSpecialized(config, { times, scale });
  return {
    thresholds: {
      deltaDiff: config.differenceDetector?.deltaDiff ?? null,
      cLow: config.specializedModel?.cLow ?? null,
      cHigh: config.specializedModel?.cHigh ?? null,
    },
    difference,
    specialized: loaded?.stage ?? null,
    askPicture: frame => scaledPicture(frame, pictureRequest(declaration, frame), scale),
    requests: frame => [
      ...(difference === null ? [] : [difference.request]),
      ...(config.specializedModel === null ? [] : [pictureRequest(config.specializedModel.model.declaration, frame)]),
      pictureRequest(declaration, frame),
    ],
    scale,
    times,
    async [Symbol.asyncDispose]() {
      await loaded?.model[Symbol.asyncDispose]();
    },
  };
}

async function loadDifference(
  { differenceDetector: config }: StreamProgramConfig,
  { times, decoder }: { times: { differenceMs: number }; decoder: DecoderName },
): Promise<StreamStages['difference']> {
  if (config === null) return null;
  const detector = createDifferenceDetector(config.detector);
  const { request } = detector;
  return {
    request,
    scene:
      config.reference.kind === 'empty-scene' ? await readScene(config.reference.image, { request, decoder }) : null,
    tDiffFrames: config.reference.kind === 'previous' ? config.reference.tDiffFrames : null,
    score(picture, other) {
      const started = performance.now();
      const score = detector.score(picture, other);
      times.differenceMs += performance.now() - started;
      return score;
    },
  };
}

async function loadSpecialized(
  { specializedModel: config }: StreamProgramConfig,
  { times, scale }: { times: { specializedMs: number }; scale: StreamStages['scale'] },
): Promise<{ stage: NonNullable<StreamStages['specialized']>; model: LoadedModel } | null> {
  if (config === null) return null;
  const { declaration } = config.model;
  const model = await LoadedModel.load(config.model);
  await warmUp(model, config.model);
  const stage: NonNullable<StreamStages['specialized']> = {
    picture: frame => scaledPicture(frame, pictureRequest(declaration, frame), scale),
    async confidences(pictures) {
      const started = performance.now();
      const confidences = await model.confidences(pictures);
      times.specializedMs += performance.now() - started;
      return confidences;
    },
  };
  return { stage, model };
}

function scaledPicture(frame: Frame, request: PixelRequest, scale: StreamStages['scale']): Picture {
  const { width, height } = request;
  return { width, height, bytes: scale(frame, request), frameWidth: frame.width, frameHeight: frame.height };
}

/** Runs the model on gray pictures, as a single one and as a chunk: the first run of a shape plans its memory. */
async function warmUp(model: LoadedModel, { declaration }: StoredModel): Promise<void> {
  const { width, height, format } = pictureRequest(declaration, { width: 640, height: 360 });
  const bytes = new Uint8Array(width * height * (format === 'rgb' ? 3 : 1)).fill(128);
  const picture = { width, height, bytes, frameWidth: 640, frameHeight: 360 };
  for (const count of [1, looksPerChunk]) await model.confidences(new Array<Picture>(count).fill(picture));
}
