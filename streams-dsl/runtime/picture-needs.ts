import { pictureRequest, type StoredModel } from '../../cascade/index.ts';
import type { PixelRequest } from '../../ingest/index.ts';
import { type PlanStep, type StreamsPlan, stepsOf } from '../planner/streams-plan.ts';
import type { PictureNeed } from './frame-protocol.ts';

/**
 * The pictures that the steps behind a source want of its frames: only these cross to the main process.
 * @param canDecodeAgain - Whether the source gives further pictures of the few frames that are asked about: what the reference
 *   model wants then does not cross where other stages settle most frames before it.
 */
export function pictureNeeds(
  plan: StreamsPlan,
  source: PlanStep,
  { canDecodeAgain = false }: { readonly canDecodeAgain?: boolean } = {},
): PictureNeed[] {
  const behind = new Set<PlanStep>([source]);
  const needs: PictureNeed[] = [];
  for (const step of stepsOf(plan)) {
    if (!step.inputs.some(input => behind.has(input))) continue;
    behind.add(step);
    if (canDecodeAgain && step.work.kind === 'ask' && isSpared(step)) continue;
    needs.push(...ownNeeds(step));
  }
  return needs;
}

/** Whether a stage that looks at pictures stands before a step. */
function isSpared({ inputs }: PlanStep): boolean {
  return inputs.some(input => ['difference', 'specialized'].includes(input.work.kind) || isSpared(input));
}

function ownNeeds({ work }: PlanStep): PictureNeed[] {
  switch (work.kind) {
    case 'difference':
      return [exactly(work.stage.detector)];
    case 'specialized':
    case 'ask':
      return [modelNeed(work.model)];
    case 'map':
      return [exactly(work.options.pixels)];
    default:
      return [];
  }
}

/** A picture of exactly this size. */
export function exactly({ width, height, format }: PixelRequest): PictureNeed {
  return { width, height, format, keepsAspect: false };
}

/** The picture that a model wants of frames of any size. */
export function modelNeed({ declaration }: StoredModel): PictureNeed {
  const { input } = declaration;
  // Of a frame as large as its input, a model wants the whole input.
  const whole = { ...input, resize: { mode: 'stretch' } } as const;
  return {
    ...pictureRequest({ input: whole }, { width: 1, height: 1 }),
    keepsAspect: input.resize.mode === 'letterbox',
  };
}
