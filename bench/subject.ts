import type { StoredModel } from '../cascade/index.ts';
import type { Query } from './run-plan.ts';

/** A file, the question, who knows the truth, and the small model that answers alone. */
export interface Subject {
  readonly name: string;
  readonly path: string;
  readonly query: Query;
  readonly reference: StoredModel;
  readonly specialized: StoredModel;
  /** Difference below which a frame counts as unchanged: above the noise of this camera. */
  readonly deltaDiff: number;
}
