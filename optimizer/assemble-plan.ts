import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type CascadePlan, type Predicate, parsePlan, type StoredModel } from '../cascade/index.ts';
import type { DifferenceCandidate } from './candidate-scores.ts';
import type { FoundPlan } from './found-plan.ts';
import { writeOutput } from './write-output.ts';

/** From what a plan file is made. */
export interface AssemblePlanOptions {
  readonly found: FoundPlan;
  readonly name: string;
  readonly predicate: Predicate;
  readonly smoothingMs: number;
  readonly reference: StoredModel;
  /** How the user named it: a path stays a path. */
  readonly referenceName: string;
  readonly differences: readonly DifferenceCandidate[];
  /** The specialized model of the plan, in the repository that the plan is run with; null for none. */
  readonly specialized: StoredModel | null;
  /** PNG file of the empty scene; null when there is none. */
  readonly scene: Uint8Array | null;
  /** Where the plan will lie. */
  readonly planPath: string;
  /** SHA-256 of the footage that it was fitted on. */
  readonly fittedOn: readonly string[];
  readonly expected: NonNullable<CascadePlan['expected']>;
}

/**
 * Turns a found plan into one that can be run, and writes the picture of the empty scene beside where it will lie, if it
 * compares with that.
 * @throws OPTIMIZER_OUTPUT_UNWRITABLE - when the picture cannot be written.
 */
export async function assemblePlan(options: AssemblePlanOptions): Promise<CascadePlan> {
  const { found, name, predicate, smoothingMs, reference, referenceName, specialized, fittedOn, expected } = options;
  const { structure, thresholds } = found;
  const nameOf = ({ declaration: { name: model, version } }: StoredModel): string => `${model}@${version}`;
  return parsePlan(
    {
      schema: 'saccade/plan/1',
      name,
      predicate,
      smoothingMs,
      skip: structure.skip,
      differenceDetector: await differenceStage(options),
      specializedModel: specialized && {
        model: nameOf(specialized),
        sha256: specialized.declaration.sha256,
        cLow: thresholds.cLow ?? 0,
        cHigh: thresholds.cHigh ?? 1,
      },
      referenceModel: {
        model: /[/\\]/.test(referenceName) ? referenceName : nameOf(reference),
        sha256: reference.declaration.sha256,
      },
      fittedOn: [...new Set(fittedOn)],
      expected,
    },
    'of the optimizer',
  );
}

async function differenceStage(options: AssemblePlanOptions): Promise<CascadePlan['differenceDetector']> {
  const { found, differences, scene, planPath } = options;
  const candidate = differences.find(({ id }) => id === found.structure.difference);
  const { deltaDiff } = found.thresholds;
  if (candidate === undefined || deltaDiff === null) return null;
  const { detector, tDiffFrames } = candidate;
  if (tDiffFrames !== null) return { detector, reference: { kind: 'previous', tDiffFrames }, deltaDiff };
  if (scene === null) throw new Error(`${candidate.id} needs the empty scene.`);
  const image = `${basename(planPath).replace(/(\.plan)?\.json$/, '')}.scene.png`;
  await writeOutput(join(dirname(planPath), image), scene);
  const sha256 = createHash('sha256').update(scene).digest('hex');
  return { detector, reference: { kind: 'empty-scene', image, sha256 }, deltaDiff };
}
