import { map, Observable, type OperatorFunction } from 'rxjs';
import {
  aboutOneFrame,
  type CascadeErrorCode,
  createDifferenceDetector,
  type Decision,
  type DifferenceStage,
  decide,
  EarlierPictures,
  type Picture,
  type PictureWork,
  type Predicate,
  pictureRequest,
  type StoredModel,
} from '../../cascade/index.ts';
import { SaccadeError, toErrorRecord } from '../../ingest/index.ts';
import type { FrameItem, FrameRequest, FrameVerdict } from '../frame-item.ts';
import { KeptState } from '../kept-state.ts';
import { type FrameAnswer, FrameLabeler, type LabelerState } from './frame-labeler.ts';
import type { AskReference } from './reference-asker.ts';
import type { PictureModel } from './served-first.ts';
import { workInOrder } from './work-in-order.ts';

/** Settles the frames that are not every `every`-th. */
export function skipFrames(every: number): OperatorFunction<FrameItem, FrameItem> {
  return map(item =>
    item.verdict === null && item.frame % every !== 0 ? settled(item, { decidedBy: 'skipped' }) : item,
  );
}

/**
 * Settles the frames that are unchanged, in this process: the pictures are small.
 * @param scene - The picture of the empty scene at the detector's size; null: compare with earlier frames.
 * @param state - Where the earlier pictures of each stream are kept.
 */
export function compareFrames(
  stage: DifferenceStage,
  scene: Uint8Array | null,
  state: KeptState = new KeptState(),
): OperatorFunction<FrameItem, FrameItem> {
  const detector = createDifferenceDetector(stage.detector);
  const tDiffFrames = stage.reference.kind === 'previous' ? stage.reference.tDiffFrames : null;
  return source =>
    new Observable(subscriber => {
      const streams = new Map<string, EarlierPictures>();
      const kept = state.attach(stream =>
        streams.get(stream)?.kept.map(({ index, picture }) => [index, Buffer.from(picture).toString('base64')]),
      );
      const earlierOf = (stream: string): EarlierPictures => {
        const known = streams.get(stream);
        if (known !== undefined) return known;
        const earlier = new EarlierPictures(tDiffFrames);
        for (const [index, picture] of (kept(stream) ?? []) as readonly (readonly [number, string])[]) {
          earlier.add(index, Buffer.from(picture, 'base64'));
        }
        streams.set(stream, earlier);
        return earlier;
      };
      const compare = (item: FrameItem): FrameItem => {
        if (item.verdict !== null) return item;
        const earlier = earlierOf(item.stream);
        const picture = item.pixels(detector.request);
        const other = scene === null ? earlier.before(item.frame) : { index: null, picture: scene };
        earlier.add(item.frame, picture);
        earlier.forgetBefore(item.frame + 1);
        if (other === null) return item;
        const difference = detector.score(picture, other.picture);
        const verdict = decide({ deltaDiff: stage.deltaDiff, cLow: null, cHigh: null }, { difference });
        const compared = { ...item, difference };
        if (verdict !== 'unchanged') return compared;
        return settled(compared, { decidedBy: 'unchanged', inheritedFrom: other.index });
      };
      return source.pipe(map(compare)).subscribe(subscriber);
    });
}

/** Settles the frames of which a small model is sure. */
export function scoreFrames(
  { model, cLow, cHigh }: { readonly model: StoredModel; readonly cLow: number; readonly cHigh: number },
  pool: PictureModel,
): OperatorFunction<FrameItem, FrameItem> {
  return workInOrder((item, signal) => {
    if (item.verdict !== null) return [item];
    return score(item, signal);
  });

  async function score(item: FrameItem, signal: AbortSignal): Promise<FrameItem[]> {
    try {
      const confidence = await pool.confidence(pictureOf(item, model), limitsOf(item, signal));
      const verdict = decide({ deltaDiff: null, cLow, cHigh }, { confidence });
      const request = withEstimate(item.request, confidence, (cLow + cHigh) / 2);
      const scored = { ...item, confidence, request };
      const isSure = verdict === 'rejected' || verdict === 'accepted';
      return [isSure ? settled(scored, { decidedBy: verdict }) : scored];
    } catch (error) {
      return [settled(item, lateVerdict(item, error) ?? failedVerdict(error))];
    }
  }
}

/** Has the reference model answer what is not settled, and says of every frame who answered. */
export function askFrames(model: StoredModel, ask: AskReference): OperatorFunction<FrameItem, FrameAnswer> {
  return workInOrder((item, signal) => {
    const { stream, frame, timestampUs, verdict, difference, confidence } = item;
    const place = { stream, frame, timestampUs };
    if (verdict === null) return answer(item, signal);
    switch (verdict.decidedBy) {
      case 'unchanged':
        return [{ ...place, ...verdict, difference: difference ?? 0 }];
      case 'rejected':
      case 'accepted':
        return [{ ...place, decidedBy: verdict.decidedBy, difference, confidence: confidence ?? 0 }];
      case 'skipped':
      case 'defaulted':
      case 'failed':
        return [{ ...place, ...verdict }];
    }
  });

  async function answer(item: FrameItem, signal: AbortSignal): Promise<FrameAnswer[]> {
    const { stream, frame, timestampUs, difference, confidence } = item;
    const place = { stream, frame, timestampUs };
    try {
      const detections = await ask(stream, frame, await pictureFor(item, model), limitsOf(item, signal));
      return [{ ...place, decidedBy: 'referenced', difference, confidence, detections }];
    } catch (error) {
      return [{ ...place, ...(lateVerdict(item, error) ?? failedVerdict(error)) }];
    }
  }
}

/**
 * Puts a question to the answers of one or several streams: one decision a frame, in the order of each stream. What waits for
 * the smoothing holds no credit: it is later frames that settle it, and they would never be let in.
 */
export function labelFrames(
  predicate: Predicate,
  smoothingMs: number,
  state: KeptState = new KeptState(),
): OperatorFunction<FrameAnswer, Decision> {
  return source =>
    new Observable(subscriber => {
      const streams = new Map<string, FrameLabeler>();
      const kept = state.attach(stream => streams.get(stream)?.state);
      return source.subscribe({
        next: answer => {
          let labeler = streams.get(answer.stream);
          if (labeler === undefined) {
            labeler = new FrameLabeler(predicate, smoothingMs, kept(answer.stream) as LabelerState | undefined);
            streams.set(answer.stream, labeler);
          }
          for (const decision of labeler.push(answer)) subscriber.next(decision);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          for (const labeler of streams.values()) for (const decision of labeler.flush()) subscriber.next(decision);
          subscriber.complete();
        },
      });
    });
}

function settled(item: FrameItem, verdict: FrameVerdict): FrameItem {
  return { ...item, verdict };
}

/** The picture for a reference model, decoded again where it did not cross. */
async function pictureFor(item: FrameItem, model: StoredModel): Promise<Picture | PictureWork> {
  if (item.decodeAgain === undefined) return pictureOf(item, model);
  const request = pictureRequest(model.declaration, item);
  const { width, height } = request;
  return { width, height, bytes: await item.decodeAgain(request), frameWidth: item.width, frameHeight: item.height };
}

/** What a model is asked: the picture that it wants, or the image of a request as it came. */
function pictureOf(item: FrameItem, { declaration }: StoredModel): Picture | PictureWork {
  if (item.request?.image != null) return { kind: 'image', bytes: item.request.image };
  const request = pictureRequest(declaration, item);
  const { width, height } = request;
  return { width, height, bytes: item.pixels(request), frameWidth: item.width, frameHeight: item.height };
}

function limitsOf({ request }: FrameItem, signal: AbortSignal): { signal: AbortSignal; deadlineMs?: number } {
  if (request === null || request.dueMs === Number.POSITIVE_INFINITY) return { signal };
  return { signal, deadlineMs: request.dueMs - performance.now() };
}

function withEstimate(request: FrameRequest | null, confidence: number, middle: number): FrameRequest | null {
  if (request === null || Number.isNaN(confidence)) return request;
  return { ...request, estimate: confidence > middle };
}

/** Better wrong than late (Agarwal et al., LASER, WSDM 2014): a request that has no more time has an answer; null: it has. */
function lateVerdict({ request }: FrameItem, error: unknown): Extract<FrameVerdict, { reason: 'deadline' }> | null {
  const isLate = request !== null && request.dueMs !== Number.POSITIVE_INFINITY;
  if (!isLate || !(error instanceof SaccadeError) || !tooLate.has(error.code)) return null;
  return { decidedBy: 'defaulted', reason: 'deadline', label: request.defaultLabel ?? request.estimate ?? false };
}

const tooLate: ReadonlySet<string> = new Set<CascadeErrorCode>([
  'CASCADE_MODEL_OVERLOADED',
  'CASCADE_MODEL_LATE',
  'CASCADE_MODEL_QUEUE_FULL',
]);

/** What a model could not answer about one picture; anything else ends the stream. */
function failedVerdict(error: unknown): Extract<FrameVerdict, { decidedBy: 'failed' }> {
  if (!(error instanceof SaccadeError) || !aboutOneFrame.has(error.code)) throw error;
  const { code, message } = toErrorRecord(error);
  return { decidedBy: 'failed', code, message };
}
