import type { PlanStep, ProgramStep, StepWork } from './streams-plan.ts';

/** The order in which a program asks its stages; each at most once. */
const stageOrder = ['skip', 'difference', 'specialized'] as const;

/** The program that a step ends, where it is the `ask` of a chain down to a file, images or a camera. */
export function fuseProgram(step: PlanStep): PlanStep | null {
  const { work } = step;
  if (work.kind !== 'ask') return null;
  const stages: Partial<Record<StepWork['kind'], StepWork>> = {};
  const fused: { difference?: number | undefined; specialized?: number | undefined } = {};
  let [input] = step.inputs;
  let next: number = stageOrder.length;
  while (input !== undefined && input.work.kind !== 'source') {
    const place = (stageOrder as readonly string[]).indexOf(input.work.kind);
    if (place < 0 || place >= next) return null;
    next = place;
    stages[input.work.kind] = input.work;
    if (input.work.kind === 'difference' || input.work.kind === 'specialized') {
      fused[input.work.kind] = input.expected?.seen;
    }
    [input] = input.inputs;
  }
  if (input?.work.kind !== 'source') return null;
  const { source, every } = input.work;
  if (source.kind === 'frames' || source.kind === 'kafka' || source.kind === 'request') return null;
  const { skip, difference, specialized } = stages;
  const read = { kind: 'every', tSkip: every } as const;
  // A skip that was fused into the reader, and another that was not: the program has but one.
  if (every > 1 && skip !== undefined) return null;
  const program: ProgramStep = {
    kind: 'program',
    source,
    skip: skip?.kind === 'skip' ? skip.rule : read,
    differenceDetector: difference?.kind === 'difference' ? difference.stage : null,
    specializedModel:
      specialized?.kind === 'specialized'
        ? { model: specialized.model, cLow: specialized.cLow, cHigh: specialized.cHigh }
        : null,
    referenceModel: work.model,
    replicas: work.replicas,
    copies: work.copies,
    refineBy: null,
    pool: work.pool,
    decodeGroup: null,
    answers: work.answers,
  };
  const expected = step.expected && { ...step.expected, fused };
  return { ...step, expected, work: program, inputs: [{ ...input, work: { ...input.work, every: 1 } }] };
}
