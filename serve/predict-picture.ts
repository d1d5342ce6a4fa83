import type { AnswerSources, Deployment, ExecuteOptions } from '../streams-dsl/index.ts';
import { answerOf, type PredictBody } from './answer-body.ts';

/** One question, and what its answers come from. */
export interface PictureQuestion {
  readonly deployment: Deployment;
  /** Name of a pipeline whose source is `request()`. */
  readonly query: string;
  /** As `prepareRequests()` of the deployment gives it. */
  readonly sources: AnswerSources;
}

/**
 * Asks a picture a question.
 * @param image - Bytes of a whole JPEG or PNG.
 * @returns the answer, with the time that the query took in ms.
 * @throws what `execute()` of the deployment throws; what made the picture fail, where it is a `failed` decision.
 */
export async function predictPicture(
  { deployment, query, sources }: PictureQuestion,
  image: Uint8Array,
  options: ExecuteOptions = {},
): Promise<Omit<PredictBody, 'requestId' | 'timing'> & { readonly queryMs: number }> {
  const startedMs = performance.now();
  const rows = await deployment.execute(query, image, options);
  const queryMs = performance.now() - startedMs;
  const { plan, models } = sources;
  return { query, answer: answerOf(rows), rows, plan, models, queryMs };
}

/** The times of an answer in ms, to the µs. */
export function timingOf({ queryMs, totalMs }: { queryMs: number; totalMs: number }): PredictBody['timing'] {
  return { receiveMs: round(totalMs - queryMs), queryMs: round(queryMs), totalMs: round(totalMs) };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
