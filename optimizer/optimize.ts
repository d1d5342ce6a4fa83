import { join } from 'node:path';
import { averageEmptyScene, type CascadePlan, findModel, type StoredModel } from '../cascade/index.ts';
import type { PixelRequest, RgbImage } from '../ingest/index.ts';
import { assemblePlan } from './assemble-plan.ts';
import { averagePictures } from './average-pictures.ts';
import { buildReport } from './build-report.ts';
import type { DifferenceCandidate } from './candidate-scores.ts';
import { type DividedFootage, divideFootage } from './divide-footage.ts';
import { checkParts } from './footage/check-parts.ts';
import { checkTargets } from './footage/check-targets.ts';
import { compareScenes } from './footage/compare-scenes.ts';
import { emptySceneRows } from './footage/empty-scene-rows.ts';
import { labelRegion } from './footage/label-region.ts';
import { labelSources, type ReferenceLabels } from './footage/label-sources.ts';
import { labelStep } from './footage/label-step.ts';
import { openSources } from './footage/open-sources.ts';
import type { FootageSource } from './footage-source.ts';
import type { FootageSplit } from './labeled-part.ts';
import type { OptimizeHooks, OptimizeOptions } from './optimize-options.ts';
import type { PictureFile } from './picture-file.ts';
import { differenceCandidates } from './pictures/difference-candidates.ts';
import { extractPictures } from './pictures/extract-pictures.ts';
import { fitBlocked } from './pictures/fit-blocked.ts';
import { measureCosts } from './profile/measure-costs.ts';
import { referenceBaselines } from './reference-baselines.ts';
import { describeReach } from './report/describe-reach.ts';
import { expectPlan } from './report/expect-plan.ts';
import type { OptimizerReport } from './report/report-data.ts';
import { type ScoredClassifier, scorePart } from './score-part.ts';
import { type ChoosePlanOptions, choosePlan } from './search/choose-plan.ts';
import { measurePlan } from './search/measure-plan.ts';
import { measureUnsteadiness } from './search/measure-unsteadiness.ts';
import { prepareSearchPart } from './search/search-part.ts';
import { fewestTrustedBlocks, rarerBlocks } from './search/trusted-blocks.ts';
import { skipCandidates } from './skip-candidates.ts';
import { StepClock } from './step-clock.ts';
import type { ClassifierCandidate } from './training/classifier-candidate.ts';
import { classifierGrid } from './training/classifier-grid.ts';
import { storeClassifier } from './training/store-classifier.ts';
import { type TrainedClassifier, trainCandidates } from './training/train-candidates.ts';
import type { TrainingRows } from './training/training-rows.ts';
import { writeOutput } from './write-output.ts';

/** What an optimization gives. */
export interface Optimization {
  /** As it was written. */
  readonly plan: CascadePlan;
  readonly report: OptimizerReport;
  /** What the plan was chosen from: {@link choosePlan} gives it again. */
  readonly search: ChoosePlanOptions;
}

/** Share of the train part, its latest, on which training is stopped and candidates are compared. */
const validationShare = 0.25;
/** Trained models that are scored on the threshold part: the others were clearly worse on the validation rows. */
const mostClassifiers = 8;
/** A second of footage between the rows that are trained on and those that training is stopped by. */
const validationGapUs = 1e6;

const partNames = ['train', 'threshold', 'test'] as const;

/**
 * Finds the cheapest plan that keeps error targets on footage, and writes it: labels by the reference model, split by time,
 * candidates trained and scored, costs measured on this machine, thresholds swept (docs/optimizer.md).
 *
 * Nothing is decoded or inferred in this process. What was labeled and extracted is kept in the cache folder, so a second
 * call with other targets is quick.
 * @throws the errors of `errors.ts`; what opening footage and models throw; the signal's reason, while labeling.
 */
export async function optimize(options: OptimizeOptions, hooks: OptimizeHooks = {}): Promise<Optimization> {
  const { targets, predicate, smoothingMs = 1000, processes, seed = 1, cacheFolder = '.saccade', planPath } = options;
  const clock = new StepClock(hooks.onStep);
  const onProgress = (share: number): void => hooks.onProgress?.(share);
  checkTargets(targets);
  const reference = await findModel(options.reference, options.models);

  const sources = await clock.run('reading the footage', () =>
    openSources(options.inputs, { ...options.reading, signal: hooks.signal }),
  );
  const { sameCamera = false } = options;
  await clock.run('comparing the scenes', () => compareScenes({ sources, sameCamera, signal: hooks.signal }));
  const labels = await clock.run('asking the reference model', () => askReference(sources, options, hooks));
  const divided = divideFootage({ sources, labels, predicate, smoothingMs, gapMs: options.gapMs });
  const steadiness = measureUnsteadiness(divided.all, { smoothingMs, tSkips: [] });
  const words = [...checkParts(divided), describeReach(steadiness, targets)];
  if (divided.crossedBorders > 0)
    words.push('An event goes on across the border of two parts: they are not independent.');
  for (const text of words) hooks.onNotice?.(text);

  const blocks = rarerBlocks(prepareSearchPart(divided.threshold, smoothingMs));
  const isTrusted = blocks >= fewestTrustedBlocks;
  // Where nothing is trained, all that is not for testing says how often the reference must be asked.
  const footage = isTrusted ? divided : { ...divided, threshold: divided.earlier };
  if (!isTrusted) hooks.onNotice?.(tooFewEvents(blocks));

  // From here on there is something to lose: an interruption ends the training and gives the best plan so far.
  const scene = await clock.run('averaging the empty scene', () => averageScene(sources, footage));
  const scenePath = scene && join(cacheFolder, 'scenes', `${sources[scene.source]?.sha256}.png`);
  if (scene !== null && scenePath !== null) await writeOutput(scenePath, scene.image);
  const { frameRateFps, width, height } = (sources[0] as FootageSource).info;
  const skips = skipCandidates(frameRateFps, [footage.threshold, footage.test]);
  const region = labelRegion({ labels, part: footage.train, predicate });
  // Stages that will not be trusted need no training.
  const grid = isTrusted ? classifierGrid({ region, frameAspect: width / height, hasScene: scene !== null }) : [];
  const compared = differenceCandidates({ frameRateFps, skips, step: labels.step }).filter(
    ({ tDiffFrames }) => isTrusted && (tDiffFrames !== null || scene !== null),
  );
  const requests = distinctRequests([
    ...compared.map(({ detector }) => detector),
    ...grid.map(({ view }) => view.request),
  ]);
  const pictures = await clock.run('decoding small pictures', () =>
    extractAll({
      sources,
      footage,
      requests,
      folder: join(cacheFolder, 'pictures'),
      workers: processes.cores,
      onProgress,
    }),
  );
  const differences = await clock.run('fitting the difference detectors', () =>
    fitBlocked({
      part: footage.train,
      pictures: pictures.train,
      candidates: compared,
      scene: scenePath === null ? null : { path: scenePath },
      onProgress,
    }),
  );
  const trained = await clock.run('training small models', () =>
    trainAll({ footage, pictures: pictures.train, grid, options, hooks }),
  );
  const classifiers: ScoredClassifier[] = [];
  for (const { candidate, model } of trained.slice(0, mostClassifiers)) {
    const folder = join(cacheFolder, 'classifiers');
    const stored = await storeClassifier({ model, folder, name: candidate.id, label: options.name });
    classifiers.push({ candidate, model: stored });
  }
  const score = (
    name: keyof FootageSplit,
    detectors: readonly DifferenceCandidate[],
    models: readonly ScoredClassifier[],
  ) =>
    scorePart({
      part: footage[name],
      pictures: pictures[name],
      skips,
      differences: detectors,
      classifiers: models,
      scenePath,
      workers: processes.cores,
      onProgress,
    });
  const table = await clock.run('scoring every candidate', () => score('threshold', differences, classifiers));
  const costs = await clock.run('measuring what each stage costs', () =>
    measureCosts({
      sources,
      stretches: footage.threshold.stretches,
      referenceModel: reference,
      differences,
      classifiers: classifiers.map(({ candidate, model }) => ({ id: candidate.id, model })),
      processes,
    }),
  );
  const search: ChoosePlanOptions = { table, costs, processes, targets, smoothingMs };
  const choice = await clock.run('choosing', () => choosePlan(search));
  const { structure } = choice.chosen;
  const usedDifferences = differences.filter(({ id }) => id === structure.difference);
  const usedClassifiers = classifiers.filter(({ candidate }) => candidate.id === structure.specialized);
  const testTable = await clock.run('testing', () => score('test', usedDifferences, usedClassifiers));
  const test = measurePlan(testTable, choice.chosen, { confidence: targets.confidence, smoothingMs });
  const baselines = referenceBaselines({ table, costs, processes, targets, smoothingMs });
  const plan = await assemblePlan({
    found: choice.chosen,
    name: options.name,
    predicate,
    smoothingMs,
    reference,
    referenceName: options.reference,
    differences: usedDifferences,
    specialized: await publish(usedClassifiers[0], trained, options),
    scene: scene?.image ?? null,
    planPath,
    fittedOn: sources.map(({ sha256 }) => sha256),
    expected: expectPlan({
      found: choice.chosen,
      targets,
      test: test.errors,
      reference: baselines[0].cost,
      processes,
      seed,
    }),
  });
  await writeOutput(planPath, `${JSON.stringify(plan, undefined, 2)}\n`);
  const report = await buildReport({
    plan,
    sources,
    footage,
    unsteadiness: steadiness.windows[0]?.unsteadyShare ?? 0,
    choice,
    baselines,
    table,
    testTable,
    test,
    steps: clock.steps,
    interrupted: hooks.signal?.aborted ?? false,
  });
  return { plan, report, search };
}

function askReference(
  sources: readonly FootageSource[],
  { reference, models, predicate, sampling, cacheFolder = '.saccade', processes }: OptimizeOptions,
  { onProgress, signal }: OptimizeHooks,
): Promise<ReferenceLabels> {
  return labelSources({
    sources,
    reference,
    models,
    predicate,
    step: labelStep(sources, sampling),
    cacheFolder: join(cacheFolder, 'labels'),
    replicas: processes.cores,
    device: processes.device,
    signal,
    onProgress: ({ done, total }) => onProgress?.(total === 0 ? 1 : done / total),
  });
}

function tooFewEvents(blocks: number): string {
  return `Only ${blocks} block(s) of time with one of the answers lie where plans are chosen; ${fewestTrustedBlocks} are needed to trust a cheap stage, so the plan asks the reference alone. More footage would help.`;
}

/** Mean of empty frames of the source that has most of them in the train part; null where there is no empty frame. */
async function averageScene(
  sources: readonly FootageSource[],
  { train }: DividedFootage,
): Promise<{ readonly image: Uint8Array; readonly source: number } | null> {
  const bySource = new Map<number, { frame: number; label: boolean }[]>();
  for (const row of emptySceneRows(train)) {
    const source = train.stretches.find(({ rows }) => row >= rows.from && row < rows.to)?.source ?? 0;
    const frames = bySource.get(source) ?? [];
    frames.push({ frame: train.frames[row] as number, label: false });
    bySource.set(source, frames);
  }
  const [most] = [...bySource].sort(([, a], [, b]) => b.length - a.length);
  if (most === undefined) return null;
  const [source, frames] = most;
  const { footage } = sources[source] as FootageSource;
  return { image: (await averageEmptyScene({ footage, labels: frames })).image, source };
}

function distinctRequests(requests: readonly PixelRequest[]): PixelRequest[] {
  const keyed = requests.map(
    ({ width, height, format }) => [`${width}x${height} ${format}`, { width, height, format }] as const,
  );
  return [...new Map(keyed).values()];
}

async function extractAll(options: {
  readonly sources: readonly FootageSource[];
  readonly footage: DividedFootage;
  readonly requests: readonly PixelRequest[];
  readonly folder: string;
  readonly workers: number;
  readonly onProgress: (share: number) => void;
}): Promise<Record<keyof FootageSplit, readonly PictureFile[]>> {
  const { sources, footage, requests, folder, workers, onProgress } = options;
  const files: Record<keyof FootageSplit, readonly PictureFile[]> = { train: [], threshold: [], test: [] };
  for (const [i, name] of partNames.entries()) {
    const report = (share: number): void => onProgress((i + share) / partNames.length);
    files[name] = await extractPictures({
      sources,
      part: footage[name],
      requests,
      folder,
      workers,
      onProgress: report,
    });
  }
  return files;
}

/** Trains the grid on the earlier rows of the train part, and compares on the later ones; none without both classes. */
async function trainAll({
  footage: { train },
  pictures,
  grid,
  options,
  hooks,
}: {
  readonly footage: DividedFootage;
  readonly pictures: readonly PictureFile[];
  readonly grid: readonly ClassifierCandidate[];
  readonly options: OptimizeOptions;
  readonly hooks: OptimizeHooks;
}): Promise<readonly TrainedClassifier[]> {
  const { targets, searchDurationMs = 120_000, seed = 1, processes } = options;
  if (searchDurationMs === 0 || grid.length === 0) return [];
  const border = Math.round(train.truth.length * (1 - validationShare));
  const borderUs = train.timestampsUs[border] ?? 0;
  const isApart = (row: number): boolean => Math.abs((train.timestampsUs[row] ?? 0) - borderUs) > validationGapUs;
  const rowsOf = (from: number, to: number): TrainingRows => {
    const rows = Uint32Array.from({ length: to - from }, (_, i) => from + i).filter(
      row => row >= border || isApart(row),
    );
    return { pictures, rows, labels: Uint8Array.from(rows, row => train.truth[row] as number) };
  };
  const empty = emptySceneRows(train);
  const scenes: RgbImage[] = [];
  for (const file of pictures) {
    if (file.request.format === 'rgb' && empty.length > 0) scenes.push(await averagePictures(file, empty));
  }
  const { classifiers } = await trainCandidates({
    grid,
    train: [rowsOf(0, border)],
    validation: [rowsOf(border, train.truth.length)],
    scenes,
    // The model spends at most half of the error budget: skipping and the difference detector spend too.
    targets: {
      falseNegativeRate: targets.falseNegativeRate / 2,
      falsePositiveRate: targets.falsePositiveRate / 2,
    },
    searchDurationMs,
    workers: processes.cores,
    seed,
    signal: hooks.signal,
    onProgress: ({ share }) => hooks.onProgress?.(share),
  });
  return classifiers;
}

/** Puts the chosen model into the user's repository, under the name of the query. */
async function publish(
  chosen: ScoredClassifier | undefined,
  trained: readonly TrainedClassifier[],
  { name, models }: OptimizeOptions,
): Promise<StoredModel | null> {
  const own = trained.find(({ candidate }) => candidate.id === chosen?.candidate.id);
  if (own === undefined) return null;
  const repositoryName = `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}-specialized`;
  return storeClassifier({ model: own.model, folder: models, name: repositoryName, label: name });
}
