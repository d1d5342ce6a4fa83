import { setMaxListeners } from 'node:events';
import type { Detection, Picture, PictureWork } from '../../cascade/index.ts';
import type { FrameIndex } from '../../ingest/index.ts';
import { firstAnswer, type LostWork } from './first-answer.ts';
import type { PictureModel } from './served-first.ts';

/** Until when an answer is wanted. */
export interface AskLimits {
  /** Gives the question up. */
  readonly signal: AbortSignal;
  /** Time that there is in ms; undefined: any. */
  readonly deadlineMs?: number | undefined;
}

/** Asks the reference model about a frame of a stream. */
export type AskReference = (
  stream: string,
  frame: FrameIndex,
  picture: Picture | PictureWork,
  limits: AskLimits,
) => Promise<readonly Detection[]>;

/** Asks pools that compete; one pool answers alone. */
export function askPools(pools: readonly PictureModel[], lost: LostWork): AskReference {
  return (_stream, _frame, picture, { signal, deadlineMs }) => {
    const limits = deadlineMs === undefined ? {} : { deadlineMs };
    const ask = async (copy: number, over: AbortSignal): Promise<readonly Detection[]> =>
      (await pools[copy]?.run(picture, { signal: over, ...limits })) ?? [];
    return firstAnswer(pools.length, ask, { signal, lost });
  };
}

/** Answers kept for whoever asks about the same frame later: sharers are a few chunks apart, and an answer is small. */
const mostAnswers = 16_384;

/** Asks once a frame, whoever asks; the last answers are remembered. */
export function askOnce(ask: AskReference): AskReference {
  const answers = new Map<string, Promise<readonly Detection[]>>();
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  return (stream, frame, picture) => {
    const key = `${frame} ${stream}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    // One of those who ask may leave: the others still want the answer.
    const answer = ask(stream, frame, picture, { signal: never });
    answers.set(key, answer);
    const [oldest] = answers.size > mostAnswers ? answers.keys() : [];
    if (oldest !== undefined) answers.delete(oldest);
    return answer;
  };
}
