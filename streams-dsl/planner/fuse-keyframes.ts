import { streamsErrors } from '../errors.ts';
import { isLive } from '../sources/source.ts';
import { fuseProgram } from './fuse-program.ts';
import { mapSteps, type PipelinePlan, type PlanStep, stepsOf } from './streams-plan.ts';

/**
 * Looking at keyframes alone, and refining where the labels of two of them disagree, needs the decoder and the question
 * together: such a chain is a program from the start, whatever the rewrites do.
 * @throws STREAMS_KEYFRAMES_UNFIT - when it does not stand between a file or images and a reference model.
 */
export function fuseKeyframes(pipeline: PipelinePlan): PipelinePlan {
  const [fused = pipeline] = mapSteps({ pipelines: [pipeline] }, fuse).pipelines;
  if (stepsOf({ pipelines: [fused] }).some(isKeyframes)) {
    const reason =
      'that needs a file (not played in real time) or images before it and a reference model behind it, with nothing but stages between';
    throw streamsErrors.create('STREAMS_KEYFRAMES_UNFIT', { pipeline: pipeline.name, reason });
  }
  return fused;
}

function fuse(step: PlanStep): PlanStep {
  const [ask] = step.inputs;
  if (
    step.work.kind !== 'label' ||
    ask === undefined ||
    !stepsOf({ pipelines: [{ name: '', end: ask, sinks: [] }] }).some(isKeyframes)
  ) {
    return step;
  }
  const program = fuseProgram(ask);
  if (program?.work.kind !== 'program' || isLive(program.work.source)) return step;
  return { ...step, inputs: [{ ...program, work: { ...program.work, refineBy: step.work.predicate } }] };
}

function isKeyframes({ work }: PlanStep): boolean {
  return work.kind === 'skip' && work.rule.kind === 'keyframes';
}
