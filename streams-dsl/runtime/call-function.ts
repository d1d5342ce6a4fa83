import type { OperatorFunction } from 'rxjs';
import { type Clock, systemClock, toErrorRecord } from '../../ingest/index.ts';
import { streamsErrors } from '../errors.ts';
import type { FrameItem } from '../frame-item.ts';
import type { FrameValue } from '../stages/map-frames.ts';
import type { MapStageOptions } from '../stages/stage.ts';
import { firstAnswer, type LostWork } from './first-answer.ts';
import { workInOrder } from './work-in-order.ts';

/** How a function of the user's is run. */
export interface CallOptions {
  /** Calls for the same frame at once, 1 or more. */
  readonly copies: number;
  readonly lost: LostWork;
  /** Replaced in tests. */
  readonly clock?: Clock;
}

/** Calls a function of the user's with every frame that is not settled; whatever it does, the stream goes on. */
export function callFunction(
  { map, pixels: request, deadlineMs, concurrency }: MapStageOptions,
  { copies, lost, clock = systemClock }: CallOptions,
): OperatorFunction<FrameItem, FrameValue<unknown>> {
  const name = map.name || '(function)';
  return workInOrder((item, ending) => (item.verdict === null ? call(item, ending) : []), { concurrency });

  async function call(item: FrameItem, ending: AbortSignal): Promise<FrameValue<unknown>[]> {
    const { stream, frame, timestampUs, width: frameWidth, height: frameHeight } = item;
    const place = { stream, frame, timestampUs };
    const giveUp = new AbortController();
    const stop = (): void => giveUp.abort(ending.reason);
    ending.addEventListener('abort', stop);
    const late = streamsErrors.create('STREAMS_FRAME_FUNCTION_DEADLINE', { name, stream, frame, deadlineMs });
    let cancel: () => void = () => undefined;
    try {
      const pixels = item.pixels(request);
      const value = await new Promise<unknown>((resolve, reject) => {
        cancel = clock.after(deadlineMs, () => {
          reject(late);
          giveUp.abort(late);
        });
        const once = async (_copy: number, signal: AbortSignal): Promise<unknown> =>
          map({ ...place, frameWidth, frameHeight, pixels, signal });
        firstAnswer(copies, once, { signal: giveUp.signal, lost }).then(resolve, reject);
      });
      return [{ ...place, decidedBy: 'mapped', value }];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const failed =
        error === late ? late : streamsErrors.create('STREAMS_FRAME_FUNCTION_FAILED', { name, stream, frame, reason });
      const { code, message } = toErrorRecord(failed);
      return [{ ...place, decidedBy: 'failed', code, message }];
    } finally {
      cancel();
      ending.removeEventListener('abort', stop);
    }
  }
}
