import { join } from 'node:path';
import { averageEmptyScene, type CascadePlan, findModel, type SkipRule, type StoredModel } from '../cascade/index.ts';
import { assemblePlan } from './assemble-plan.ts';
import { averagePictures } from './average-pictures.ts';
import { buildReport } from './build-report.ts';
import type { DifferenceCandidate, ScoreTable } from './candidate-scores.ts';
import { type DividedFootage, divideFootage } from './divide-footage.ts';
import { checkParts, checkTargets } from './footage/check-targets.ts';
import { compareScenes } from './footage/compare-scenes.ts';
import { emptySceneFrames, labelRegion } from './footage/label-region.ts';
import { type LabelProgress, labelSources, type ReferenceLabels } from './footage/label-sources.ts';
import { labelStep } from './footage/label-step.ts';
import { openSources } from './footage/open-sources.ts';
import type { FootageSource } from './footage-source.ts';
import type { FoundPlan } from './found-plan.ts';
import type { LabeledPart } from './labeled-part.ts';
import type { OptimizeHooks, OptimizeOptions } from './optimize-options.ts';
import type { PictureFile } from './picture-file.ts';
import { differenceCandidates } from './pictures/difference-candidates.ts';
import { extractPictures } from './pictures/extract-pictures.ts';
import { fitBlocked } from './pictures/fit-blocked.ts';
import { measureCosts } from './profile/measure-costs.ts';
import { expectPlan } from './report/expect-plan.ts';
import { duration, percent } from './report/format-number.ts';
import type { OptimizerReport } from './report/report-data.ts';
import { type ScoredClassifier, scorePart } from './score-part.ts';
import { choosePlan, type PlanChoice } from './search/choose-plan.ts';
import { measurePlan } from './search/measure-plan.ts';
import { unsteadiness } from './search/unsteadiness.ts';
import { skipCandidates } from './skip-candidates.ts';
import { StepClock } from './step-clock.ts';
import { classifierGrid } from './training/classifier-grid.ts';
import { storeClassifier } from './training/store-classifier.ts';
import { type TrainedClassifier, trainCandidates } from './training/train-candidates.ts';
import type { TrainingRows } from './training/training-rows.ts';
import { writeOutput } from './write-output.ts';

/** What an optimization gives. */
export interface Optimization {
  readonly plan: CascadePlan;
  readonly report: OptimizerReport;
}

/** Share of the train part, its latest, on which training is stopped and candidates are compared. */
const validationShare = 0.25;
/** Trained models that are scored on the threshold part: the others were clearly worse on the validation rows. */
const mostClassifiers = 8;

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
  const { onNotice, signal } = hooks;
  const clock = new StepClock(hooks.onStep);
  const progress = (note = '') => (share: number): void => hooks.onProgress?.(share, note);
  checkTargets(targets);
  const reference = await findModel(options.reference, options.models);

  const sources = await clock.run('reading the footage', () => openSources(options.inputs, { ...options.reading, signal }));
  await clock.run('comparing the scenes', () =>
    compareScenes({ sources, sameCamera: options.sameCamera ?? false, signal, onProgress: progress() }),
  );
  const labels = await clock.run('asking the reference model', () => labelAll({ ...options, sources }, hooks));
  const footage = divideFootage({ sources, labels, predicate, smoothingMs, gapMs: options.gapMs });
  for (const warning of checkParts(footage)) onNotice?.(warning);
  const steadiness = unsteadiness(footage.all);
  onNotice?.(
    `The reference disagrees with its own smoothed answer in ${percent(steadiness)} of the frames: no sparse plan gets far below that.`,
  );

  const scene = await clock.run('averaging the empty scene', () => averageScene(sources, footage.train));
  const scenePath = scene && join(cacheFolder, 'scenes', `${sources[0]?.sha256}.png`);
  if (scene !== null && scenePath !== null) await writeOutput(scenePath, scene);

  const frameRateFps = sources[0]?.info.frameRateFps ?? 1;
  const parts = [footage.train, footage.threshold, footage.test];
  const skips = skipCandidates(frameRateFps, [footage.threshold, footage.test]);
  const region = labelRegion({ sources, labels, part: footage.train, predicate });
  const grid = classifierGrid({ region, hasScene: scene !== null });
  const wanted = differenceCandidates({ frameRateFps, skips, step: labels.step }).filter(
    ({ tDiffFrames }) => tDiffFrames !== null || scene !== null,
  );
  const requests = [...wanted.map(({ detector }) => detector), ...grid.map(({ view }) => view.request)];
  const distinct = [...new Map(requests.map(({ width, height, format }) => [`${width}x${height}${format}`, { width, height, format }])).values()];
  const pictures = await clock.run('decoding small pictures', async () => {
    const files: (readonly PictureFile[])[] = [];
    for (const [i, part] of parts.entries()) {
      files.push(
        await extractPictures({
          sources,
          part,
          requests: distinct,
          folder: join(cacheFolder, 'pictures'),
          workers: processes.cores,
          onProgress: share => progress()((i + share) / parts.length),
        }),
      );
    }
    return files as [readonly PictureFile[], readonly PictureFile[], readonly PictureFile[]];
  });
  const [trainPictures, thresholdPictures, testPictures] = pictures;

  const sceneImage = scenePath === null ? null : { path: scenePath };
  const differences = await clock.run('fitting the difference detectors', () =>
    fitBlocked({ part: footage.train, pictures: trainPictures, candidates: wanted, scene: sceneImage, onProgress: progress() }),
  );
  const trained = await clock.run('training small models', () =>
    trainAll({ options, footage, pictures: trainPictures, grid, seed }, hooks),
  );
  const classifiers = await storeAll(trained.slice(0, mostClassifiers), { folder: join(cacheFolder, 'classifiers'), name: options.name });

  const score = (part: LabeledPart, files: readonly PictureFile[], which: readonly ScoredClassifier[], detectors: readonly DifferenceCandidate[]): Promise<ScoreTable> =>
    scorePart({ part, pictures: files, skips, differences: detectors, classifiers: which, scenePath, workers: processes.cores, onProgress: progress() });
  const table = await clock.run('scoring every candidate', () => score(footage.threshold, thresholdPictures, classifiers, differences));
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
  const choice = await clock.run('choosing', () => choosePlan({ table, costs, processes, targets, smoothingMs }));
  const { chosen } = choice;

  const chosenClassifier = classifiers.find(({ candidate }) => candidate.id === chosen.structure.specialized) ?? null;
  const chosenDifferences = differences.filter(({ id }) => id === chosen.structure.difference);
  const testTable = await score(footage.test, testPictures, chosenClassifier === null ? [] : [chosenClassifier], chosenDifferences);
  const test = measurePlan(testTable, chosen, { confidence: targets.confidence, smoothingMs });
  const plan = await assemblePlan({
    found: chosen,
    name: options.name,
    predicate,
    smoothingMs,
    reference,
    differences: chosenDifferences,
    specialized: chosenClassifier && (await publish(chosenClassifier, trained, options)),
    scene,
    planPath,
    fittedOn: sources.map(({ sha256 }) => sha256),
    expected: expectPlan({ found: chosen, targets, test: test.errors, reference: choice.everyFrame.cost, processes, seed }),
  });
  await writeOutput(planPath, `${JSON.stringify(plan, undefined, 2)}\n`);
  const report = await clock.run('writing the report', () =>
    buildReport({ plan, sources, footage, steadiness, choice, table, testTable, test, steps: clock.steps, interrupted: signal?.aborted ?? false }),
  );
  return { plan, report };
}
