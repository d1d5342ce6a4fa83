import type { OperatorFunction } from 'rxjs';
import { descriptionOf } from '../operator.ts';
import type { EventsOperator } from '../operators/events.ts';
import type { Pipeline } from '../pipeline.ts';
import { stageOf } from '../stages/stage.ts';
import { fuseKeyframes } from './fuse-keyframes.ts';
import { type ResolvedStep, resolveStage } from './resolve-stage.ts';
import type { PipelinePlan, PlanStep, StepWork, StreamsPlan } from './streams-plan.ts';

/**
 * What pipelines say, step by step, with their models and plans found; nothing is rewritten yet. The frame operators that
 * a pipeline begins with stand once for each of its streams, before the streams come together.
 * @param options.models - Folder of the model repository. Default `models`.
 * @throws what a missing or unfit model, plan or picture throws.
 */
export async function logicalPlan(
  pipelines: readonly Pipeline[],
  { models = 'models' }: { readonly models?: string } = {},
): Promise<StreamsPlan> {
  return { pipelines: await Promise.all(pipelines.map(one => planOne(one, models))) };
}

async function planOne({ name, sources, operators, sinks }: Pipeline, models: string): Promise<PipelinePlan> {
  const firstOther = operators.findIndex(operator => stageOf(operator) === undefined);
  const leading = firstOther < 0 ? operators.length : firstOther;
  const steps: ResolvedStep[][] = [];
  for (const given of operators) {
    const operator = namedAfter(given, name);
    const stage = stageOf(operator);
    const description = descriptionOf(operator) ?? null;
    const other: ResolvedStep = { work: { kind: 'operator', description, operator }, expected: null };
    steps.push(stage === undefined ? [other] : await resolveStage(stage, models));
  }
  const ids = new StepIds(name);
  const streams = sources.map(({ description }) => {
    const suffix = sources.length > 1 ? `@${description.stream}` : '';
    const source: PlanStep = {
      id: ids.next('source', suffix),
      work: { kind: 'source', source: description, every: 1 },
      expected: null,
      inputs: [],
    };
    return chain(source, steps.slice(0, leading).flat(), work => ids.next(work.kind, suffix));
  });
  const [first] = streams;
  const merged: PlanStep =
    streams.length === 1 && first !== undefined
      ? first
      : { id: ids.next('merge', ''), work: { kind: 'merge' }, expected: null, inputs: streams };
  const end = chain(merged, steps.slice(leading).flat(), work => ids.next(nameOf(work), ''));
  return fuseKeyframes({ name, end, sinks });
}

/** Events carry the name of their query: that of the pipeline, unless they were given one. */
function namedAfter(operator: OperatorFunction<never, unknown>, name: string): OperatorFunction<never, unknown> {
  return 'forQuery' in operator ? (operator as unknown as EventsOperator).forQuery(name) : operator;
}

function chain(start: PlanStep, steps: readonly ResolvedStep[], idOf: (work: StepWork) => string): PlanStep {
  return steps.reduce<PlanStep>((input, step) => ({ id: idOf(step.work), ...step, inputs: [input] }), start);
}

function nameOf(work: StepWork): string {
  if (work.kind !== 'operator') return work.kind;
  return work.description?.kind ?? 'rxjs';
}

/** Numbers the steps of a pipeline, the same way each time. */
class StepIds {
  readonly #pipeline: string;
  readonly #counts = new Map<string, number>();

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
  }

  next(kind: string, suffix: string): string {
    const count = (this.#counts.get(suffix) ?? 0) + 1;
    this.#counts.set(suffix, count);
    return `${this.#pipeline}/${count}-${kind}${suffix}`;
  }
}
