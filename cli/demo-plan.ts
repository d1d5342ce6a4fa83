import type { CascadePlan, StoredModel } from '../cascade/index.ts';

/** The demo's question: a person tall enough to be told from a bush. */
export const demoPredicate: CascadePlan['predicate'] = { label: 'person', minHeight: 0.12 };

/** The scene that the demo shows; `fixtures/train-specialized.ts` trained on later times of the same scene. */
export const demoFootage = { seed: 1, profile: 'quiet', durationSeconds: 150, frameRateFps: 12 } as const;

/**
 * The demo's plan, written by hand: thresholds were read off seconds 150–450 of the same scene, which the demo does not
 * show.
 */
export function demoPlan(reference: StoredModel, specialized: StoredModel): CascadePlan {
  const pin = ({ declaration: { name, version, sha256 } }: StoredModel): { model: string; sha256: string } => ({
    model: `${name}@${version}`,
    sha256,
  });
  return {
    schema: 'saccade/plan/1',
    name: 'person',
    predicate: demoPredicate,
    smoothingMs: 1000,
    skip: { kind: 'every', tSkip: 2 },
    differenceDetector: {
      detector: { metric: { kind: 'global' }, width: 80, height: 45, format: 'gray' },
      reference: { kind: 'previous', tDiffFrames: 6 },
      deltaDiff: 1,
    },
    specializedModel: { ...pin(specialized), cLow: 0.1, cHigh: 0.99 },
    referenceModel: pin(reference),
    fittedOn: [],
  };
}
