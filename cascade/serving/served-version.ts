import type { ModelPoolStats } from '../models/model-pool-options.ts';

/** What becomes of a version: in the words of TensorFlow Serving. */
export type VersionState = 'UNKNOWN' | 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

/** A version of a model in the repository, and what the server does with it. */
export interface ServedVersion {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of its model.onnx in lower-case hex; null when its model.json cannot be read. */
  readonly sha256: string | null;
  /** `UNKNOWN`: was never loaded; `END`: was unloaded, or could not be loaded. */
  readonly state: VersionState;
  /** Why it is not served; empty when nothing is wrong. */
  readonly reason: string;
  /** Names that stand for it: `stable` (answers by default), `canary` (is shadowed), `previous` (what a rollback returns to). */
  readonly labels: readonly string[];
  /** Whether it answers when no version is named. */
  readonly isDefault: boolean;
}

/** What a version has done so far. */
export interface ServedStats extends ModelPoolStats {
  readonly name: string;
  readonly version: number;
}
