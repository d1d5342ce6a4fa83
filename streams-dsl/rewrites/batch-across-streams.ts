import type { StoredModel } from '../../cascade/index.ts';
import { mapSteps, type Rewrite } from '../planner/streams-plan.ts';

/**
 * Batching across streams: all steps that ask the same model have the same model workers, which answer what is waiting in
 * one batch, whichever stream it came from.
 */
export const batchAcrossStreams: Rewrite = {
  name: 'batch-across-streams',
  apply: plan =>
    mapSteps(plan, step => {
      const { work } = step;
      if (work.kind === 'ask' || work.kind === 'specialized') {
        return { ...step, work: { ...work, pool: poolOf(work.model) } };
      }
      return work.kind === 'program' ? { ...step, work: { ...work, pool: poolOf(work.referenceModel) } } : step;
    }),
};

/** Models of equal content are one, wherever they lie. */
function poolOf({ declaration: { name, version, sha256 } }: StoredModel): string {
  return `${name}@${version} ${sha256.slice(0, 8)}`;
}
