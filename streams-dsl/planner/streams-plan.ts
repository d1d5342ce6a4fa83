import type { OperatorFunction } from 'rxjs';
import type { DifferenceStage, Predicate, SkipRule, StoredModel } from '../../cascade/index.ts';
import type { OperatorDescription } from '../operator.ts';
import type { SinkFactory } from '../sink-factory.ts';
import type { SourceDescription } from '../sources/source.ts';
import type { MapStageOptions } from '../stages/stage.ts';

/** The stages of a cascade that run in a stream worker, fused. */
export interface ProgramStep {
  readonly kind: 'program';
  readonly source: Extract<SourceDescription, { kind: 'file' | 'images' | 'camera' }>;
  readonly skip: SkipRule;
  readonly differenceDetector: DifferenceStage | null;
  readonly specializedModel: { readonly model: StoredModel; readonly cLow: number; readonly cHigh: number } | null;
  readonly referenceModel: StoredModel;
  readonly replicas: number;
  /** Pools that answer at once, the first answer counts; 1: none beside. */
  readonly copies: number;
  /** What groups of pictures are refined by under the rule `keyframes`; null under others, where no label matters. */
  readonly refineBy: Predicate | null;
  /** Model workers with equal names are one; null: its own. */
  readonly pool: string | null;
  /** Programs with equal names decode together; null: by itself. */
  readonly decodeGroup: string | null;
  /** Steps with equal names ask once a frame; null: by itself. */
  readonly answers: string | null;
}

/** What a step of a plan does. */
export type StepWork =
  /** Frames of a stream; only every `every`-th is decoded, the others come settled. */
  | { readonly kind: 'source'; readonly source: SourceDescription; readonly every: number }
  | { readonly kind: 'skip'; readonly rule: SkipRule }
  | { readonly kind: 'difference'; readonly stage: DifferenceStage }
  | {
      readonly kind: 'specialized';
      readonly model: StoredModel;
      readonly cLow: number;
      readonly cHigh: number;
      readonly pool: string | null;
    }
  /** Has the reference model answer what is not settled. */
  | {
      readonly kind: 'ask';
      readonly model: StoredModel;
      readonly replicas: number;
      /** Pools that the user wants to compete. */
      readonly compete: number;
      /** Pools that do. */
      readonly copies: number;
      readonly pool: string | null;
      readonly answers: string | null;
    }
  /** Turns answers into the decisions of a question: inheritance, predicate, smoothing. */
  | {
      readonly kind: 'label';
      readonly predicate: Predicate;
      readonly smoothingMs: number;
      /** The plan that says so; undefined: the pipeline itself does. */
      readonly plan?: { readonly name: string; readonly hash: string };
    }
  | { readonly kind: 'map'; readonly options: MapStageOptions; readonly copies: number }
  | ProgramStep
  /** Streams side by side. */
  | { readonly kind: 'merge' }
  /** An operator of ours or of RxJS over whatever comes; null: it does not say what it is. */
  | {
      readonly kind: 'operator';
      readonly description: OperatorDescription | null;
      readonly operator: OperatorFunction<never, unknown>;
    };

/** What the optimizer expects of a step, where the pipeline runs a plan of it. */
export interface StepExpectation {
  /** Share of the stream's frames that the step looks at, 0–1. */
  readonly seen: number;
  /** Frames a second of the whole cascade that the step ends, decode inside; null for other steps. */
  readonly framesPerSecond: number | null;
  /** Shares that stages look at which were fused into the step; undefined: none were. */
  readonly fused?: { readonly difference?: number | undefined; readonly specialized?: number | undefined };
}

/** One step of a plan and what it takes from: a directed acyclic graph, in which a shared step is one object. */
export interface PlanStep {
  /** Stable name, such as `door/2-skip`; unique in the plan. */
  readonly id: string;
  readonly work: StepWork;
  /** Null: nobody has measured it. */
  readonly expected: StepExpectation | null;
  readonly inputs: readonly PlanStep[];
}

/** One pipeline of a plan. */
export interface PipelinePlan {
  readonly name: string;
  /** The last step before the sinks. */
  readonly end: PlanStep;
  readonly sinks: readonly SinkFactory<unknown>[];
}

/** What is to run, and how: rewrites turn one plan into another that gives the same rows. */
export interface StreamsPlan {
  readonly pipelines: readonly PipelinePlan[];
}

/** A way to make a plan cheaper that never changes what comes out. */
export interface Rewrite {
  readonly name: 'compete' | 'push-down' | 'share' | 'batch-across-streams';
  apply(plan: StreamsPlan): StreamsPlan;
}

/** Every step of a plan once, inputs before what takes from them. */
export function stepsOf(plan: StreamsPlan): PlanStep[] {
  const steps = new Set<PlanStep>();
  const visit = (step: PlanStep): void => {
    if (steps.has(step)) return;
    for (const input of step.inputs) visit(input);
    steps.add(step);
  };
  for (const { end } of plan.pipelines) visit(end);
  return [...steps];
}

/**
 * The same plan with some steps replaced; each step is shown once, its inputs already replaced, and shared steps stay
 * shared.
 */
export function mapSteps(plan: StreamsPlan, replace: (step: PlanStep) => PlanStep): StreamsPlan {
  const replaced = new Map<PlanStep, PlanStep>();
  for (const step of stepsOf(plan)) {
    const inputs = step.inputs.map(input => replaced.get(input) ?? input);
    const isSame = inputs.every((input, i) => input === step.inputs[i]);
    replaced.set(step, replace(isSame ? step : { ...step, inputs }));
  }
  return { pipelines: plan.pipelines.map(one => ({ ...one, end: replaced.get(one.end) ?? one.end })) };
}
