import { type CascadeOptions, LabelCache, type PreparedPlan } from '../cascade/index.ts';

/** Whose answers to keep, and where. */
export interface ReferenceRunOptions {
  /** The plan without any cheap stage (`labelPlan`). */
  readonly plan: PreparedPlan;
  /** SHA-256 of the footage in hex. */
  readonly footageSha256: string;
  /** Folder of the cache, or false for none. */
  readonly cache: string | false;
}

/** The part of a run that asks the reference model and keeps what it says; dispose it after the run. */
export interface ReferenceRun extends AsyncDisposable {
  readonly options: Pick<CascadeOptions, 'plan' | 'known' | 'onAnswer'>;
  /** Writes what was kept so far. @throws CASCADE_LABEL_CACHE_UNUSABLE - when that fails. */
  flush(): Promise<void>;
}

/**
 * Opens the cache of labels for a run of the reference model.
 * @throws CASCADE_LABEL_CACHE_UNUSABLE - when it cannot be read or written.
 */
export async function openReferenceRun({ plan, footageSha256, cache }: ReferenceRunOptions): Promise<ReferenceRun> {
  if (cache === false)
    return { options: { plan }, flush: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
  const model = plan.referenceModel.declaration;
  const opened = await LabelCache.open({ folder: cache, footageSha256, model });
  const { skip } = plan.plan;
  return {
    options: {
      plan,
      known: opened.known({ every: skip.kind === 'every' ? skip.tSkip : 1 }),
      onAnswer: opened.add.bind(opened),
    },
    flush: () => opened.flush(),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
