import { setMaxListeners } from 'node:events';
import {
  type CascadePlan,
  CascadeRun,
  LiveRun,
  type ModelPin,
  type PreparedPlan,
  type StoredModel,
} from '../../cascade/index.ts';
import type { WorkerLauncher } from '../../ingest/index.ts';
import type { ProgramStep } from '../planner/streams-plan.ts';
import { footageOf } from './read-source.ts';
import type { AskReference } from './reference-asker.ts';

/** What a program runs with. */
export interface ProgramResources {
  /** Asks the reference model. */
  readonly ask: AskReference;
  /** Starts the stream worker, where it is shared with other programs. */
  readonly launcher: WorkerLauncher | undefined;
}

/**
 * Starts the stages of a program in stream workers. Its decisions answer no question yet, beyond who answered: labels are
 * made of them by a step of their own.
 * @throws what opening the footage and loading the models throw.
 */
export function startProgram(program: ProgramStep, { ask, launcher }: ProgramResources): Promise<CascadeRun | LiveRun> {
  const { source } = program;
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  const plan = preparedPlan(program);
  if (source.kind === 'camera') {
    return LiveRun.start({
      plan,
      camera: { ...source.camera, streamId: source.stream },
      live: source.live,
      ask: (frame, picture) => ask(source.stream, frame, picture, { signal: never }),
    });
  }
  return CascadeRun.start({
    plan,
    footage: footageOf(source),
    // Those that decode together go through it side by side, in one piece.
    workers: source.kind === 'file' && launcher === undefined ? source.workers : 1,
    ...(source.kind === 'file' && source.live !== null && { live: source.live }),
    ask: (frame, picture) => ask(source.stream, frame, picture, { signal: never }),
    ...(launcher !== undefined && { launcher }),
  });
}

function preparedPlan(program: ProgramStep): PreparedPlan {
  const { skip, differenceDetector, specializedModel, referenceModel, refineBy } = program;
  const plan: CascadePlan = {
    schema: 'saccade/plan/1',
    name: program.source.stream,
    predicate: refineBy ?? { label: referenceModel.declaration.labels[0] ?? '' },
    smoothingMs: 0,
    skip,
    differenceDetector,
    specializedModel:
      specializedModel === null
        ? null
        : { ...pin(specializedModel.model), cLow: specializedModel.cLow, cHigh: specializedModel.cHigh },
    referenceModel: pin(referenceModel),
    fittedOn: [],
  };
  const stages = { skip, differenceDetector, specializedModel, referenceModel };
  return { plan, hash: '', folder: '', referenceModel, program: stages };
}

function pin({ declaration: { name, version, sha256 } }: StoredModel): ModelPin {
  return { model: `${name}@${version}`, sha256 };
}
