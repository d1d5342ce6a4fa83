import { fuseProgram } from '../planner/fuse-program.ts';
import { mapSteps, type PlanStep, type Rewrite } from '../planner/streams-plan.ts';

/**
 * Push-down and fusion: skip, difference detector and specialized model between a file or images and a reference model
 * become one program in the stream worker, so that a frame crosses a process only when the reference model is to see it.
 * Where that does not fit, a skip next to the source goes into the reader, so that skipped frames do not cross.
 */
export const pushDown: Rewrite = {
  name: 'push-down',
  apply: plan => mapSteps(plan, step => fuseProgram(step) ?? fuseSkip(step) ?? step),
};

/** A reader that passes over frames, where a step is the skip next to its source. */
function fuseSkip(step: PlanStep): PlanStep | null {
  const [input] = step.inputs;
  if (step.work.kind !== 'skip' || step.work.rule.kind !== 'every' || input?.work.kind !== 'source') return null;
  const { source } = input.work;
  if (source.kind !== 'file' && source.kind !== 'images' && source.kind !== 'kafka') return null;
  return { ...input, work: { ...input.work, every: leastCommonMultiple(input.work.every, step.work.rule.tSkip) } };
}

/** Two skips in a row look at the frames that both look at. */
function leastCommonMultiple(a: number, b: number): number {
  let [greater, smaller] = [a, b];
  while (smaller > 0) [greater, smaller] = [smaller, greater % smaller];
  return (a / greater) * b;
}
