import { type PlanStep, type StreamsPlan, stepsOf } from '../planner/streams-plan.ts';
import type { PictureNeed } from './frame-protocol.ts';

/** The pictures that the steps behind a source want of its frames: only these cross to the main process. */
export function pictureNeeds(plan: StreamsPlan, source: PlanStep): PictureNeed[] {
  const behind = new Set<PlanStep>([source]);
  const needs: PictureNeed[] = [];
  for (const step of stepsOf(plan)) {
    if (!step.inputs.some(input => behind.has(input))) continue;
    behind.add(step);
    needs.push(...ownNeeds(step));
  }
  return needs;
}

function ownNeeds({ work }: PlanStep): PictureNeed[] {
  switch (work.kind) {
    case 'difference':
      return [pixelsOf(work.stage.detector)];
    case 'specialized':
    case 'ask':
      return [{ input: work.model.declaration.input }];
    case 'map':
      return [work.options.pixels];
    default:
      return [];
  }
}

function pixelsOf({ width, height, format }: Extract<PictureNeed, { width: number }>): PictureNeed {
  return { width, height, format };
}
