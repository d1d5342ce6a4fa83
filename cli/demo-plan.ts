import type { CascadePlan } from '../cascade/index.ts';

/** The demo's question: a person tall enough to be told from a bush. */
export const demoPredicate: CascadePlan['predicate'] = { label: 'person', minHeight: 0.12 };

/** The scene that the demo shows. */
export const demoFootage = { seed: 1, profile: 'quiet', frameRateFps: 4 } as const;

/** Footage that the plan is found on, before what it is then run on: as a multiple of the latter's length. */
export const demoEarlierShare = 4;

/** What the demo asks of its plan; few events fit into its minutes, so the bounds are not asked to keep them. */
export const demoTargets = { falseNegativeRate: 0.05, falsePositiveRate: 0.05, confidence: 0.95 } as const;
