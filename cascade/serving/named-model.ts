import { cascadeErrors } from '../errors.ts';
import type { AskOptions } from '../models/model-pool-options.ts';
import type { ModelWork } from '../models/model-work.ts';
import type { ModelVersion } from './model-version.ts';
import type { PredictionCache } from './prediction-cache.ts';
import type { Asked } from './served-model.ts';
import { Shadow, type ShadowComparison } from './shadow-comparison.ts';
import { resultBytes, workKey } from './work-key.ts';

/** Answers that are remembered, of all models. */
export type AnswerCache = PredictionCache<Asked>;

/** Bytes that a remembered answer takes. */
export function askedBytes({ answer }: Asked): number {
  return resultBytes(answer);
}

/** The versions of one model that were loaded, and which of them answers. */
export class NamedModel {
  /** All that were ever loaded, by version. */
  readonly versions: Map<number, ModelVersion> = new Map();
  readonly #cache: AnswerCache | undefined;
  readonly #sloMs: number | undefined;
  /** Answers when no version is named. */
  #current: ModelVersion | undefined;
  /** What a rollback returns to. */
  #previous: ModelVersion | undefined;
  #shadow: { readonly version: ModelVersion; readonly comparison: Shadow } | undefined;

  /** @param cache - Shared by all models; undefined: nothing is remembered. */
  constructor(cache: AnswerCache | undefined, sloMs: number | undefined) {
    this.#cache = cache;
    this.#sloMs = sloMs;
  }

  /** The version that answers when none is named. */
  get current(): ModelVersion | undefined {
    return this.#current;
  }

  /** How the shadow compares; undefined: there is none. */
  get comparison(): ShadowComparison | undefined {
    return this.#current === undefined ? undefined : this.#shadow?.comparison.comparison(this.#current.version);
  }

  /** Names that stand for a version. */
  labelsOf(version: ModelVersion): string[] {
    const labels: [string, ModelVersion | undefined][] = [
      ['stable', this.#current],
      ['canary', this.#shadow?.version],
      ['previous', this.#previous],
    ];
    return labels.flatMap(([label, labeled]) => (labeled === version ? [label] : []));
  }

  /** The version of a number or label that answers now; default: the current one. */
  find(wanted: number | string | undefined): ModelVersion | undefined {
    const found =
      wanted === undefined
        ? this.#current
        : [...this.versions.values()].find(
            one => one.version === wanted || (typeof wanted === 'string' && this.labelsOf(one).includes(wanted)),
          );
    return found?.state === 'AVAILABLE' ? found : undefined;
  }

  /** Makes a version the current one where there is none. */
  offer(version: ModelVersion): void {
    this.#current ??= version;
  }

  /** Asks a share of what the current version is asked of another one, too; 0: no more. */
  shadow(version: ModelVersion, share: number): void {
    const { name } = version;
    const comparison = new Shadow({ name, shadow: version.version, share });
    this.#shadow = share > 0 ? { version, comparison } : undefined;
  }

  /**
   * Makes a version the current one, from the next request on.
   * @returns the one that nothing returns to any more; undefined: there is none.
   */
  promote(version: ModelVersion): ModelVersion | undefined {
    if (version === this.#current) return undefined;
    const [old, older] = [this.#current, this.#previous];
    this.#current = version;
    this.#previous = old;
    if (this.#shadow?.version === version) this.#shadow = undefined;
    return older === version || older === this.#shadow?.version ? undefined : older;
  }

  /** Makes the previous version the current one, and the other way round. @returns whether there was one. */
  rollBack(): boolean {
    if (this.#previous?.state !== 'AVAILABLE') return false;
    [this.#current, this.#previous] = [this.#previous, this.#current];
    if (this.#shadow?.version === this.#current) this.#shadow = undefined;
    return true;
  }

  /** Takes versions out of use that are about to be unloaded. */
  leave(leaving: readonly ModelVersion[]): void {
    const stays = (version: ModelVersion | undefined): boolean => version !== undefined && !leaving.includes(version);
    if (!stays(this.#shadow?.version)) this.#shadow = undefined;
    if (!stays(this.#previous)) this.#previous = undefined;
    if (stays(this.#current)) return;
    const loaded = [...this.versions.values()].filter(one => one.state === 'AVAILABLE' && stays(one));
    this.#current = this.#previous ?? loaded.sort((a, b) => b.version - a.version)[0];
    this.#previous = undefined;
  }

  /** Asks a version, and its shadow beside it. Queued before this returns. */
  ask(version: ModelVersion, work: ModelWork, options: AskOptions): Promise<Asked> {
    const answering = this.#cache === undefined ? version.ask(work, options) : this.#askOnce(version, work, options);
    const shadow = this.#shadow;
    if (shadow !== undefined && version === this.#current && shadow.comparison.isNext()) {
      void shadow.comparison.compare(answering, shadow.version.ask(work, {}));
    }
    return answering;
  }

  /** Asks only what is neither remembered nor under way. */
  async #askOnce(version: ModelVersion, work: ModelWork, options: AskOptions): Promise<Asked> {
    const { signal, deadlineMs = this.#sloMs } = options;
    const cache = this.#cache as AnswerCache;
    const key = workKey(version.sha256, work);
    const dueMs = deadlineMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + deadlineMs;
    const limits = (): { deadlineMs?: number } =>
      deadlineMs === undefined ? {} : { deadlineMs: dueMs - performance.now() };
    for (let attempt = 1; ; attempt++) {
      let isMine = false;
      const ask = (given: AbortSignal | undefined): Promise<Asked> => {
        isMine = true;
        return version.ask(work, given === undefined ? limits() : { ...limits(), signal: given });
      };
      try {
        const { answer, isCached } = await beforeDue(cache.ask(key, ask, signal), { isMine, dueMs, version });
        return isCached ? { ...answer, isCached } : answer;
      } catch (error) {
        // The other one that was joined had less time.
        if (isMine || attempt > 1 || !isLate(error) || performance.now() >= dueMs) throw error;
      }
    }
  }
}

/** Whoever joined another request waits no longer than it has time itself; the other one is watched where it is queued. */
function beforeDue<Answer>(
  answer: Promise<Answer>,
  { isMine, dueMs, version }: { readonly isMine: boolean; readonly dueMs: number; readonly version: ModelVersion },
): Promise<Answer> {
  if (isMine || dueMs === Number.POSITIVE_INFINITY) return answer;
  return new Promise((resolve, reject) => {
    const leftMs = Math.max(0, dueMs - performance.now());
    const late = cascadeErrors.create('CASCADE_MODEL_LATE', { model: version.name, deadlineMs: Math.round(leftMs) });
    const timer = setTimeout(() => reject(late), leftMs);
    answer.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function isLate(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'CASCADE_MODEL_LATE' || code === 'CASCADE_MODEL_OVERLOADED';
}
