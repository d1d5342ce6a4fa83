import { availableParallelism } from 'node:os';
import { mixSeed } from '../random-source.ts';
import type { ClassifierCandidate } from './classifier-candidate.ts';
import type { ClassifierJob, TrainingData } from './classifier-protocol.ts';
import { ClassifierWorkers } from './classifier-workers.ts';
import { exportClassifier } from './export-classifier.ts';
import { cutScene, type RungState, trainingBatch } from './train-rung.ts';
import { affordableCandidates, affordableSteps, countRungs, survivors } from './training-budget.ts';
import { countClasses, thinRows } from './training-rows.ts';
import { compareValidation, type ValidationScore, type ValidationTargets } from './validation-score.ts';

/** What to train, on what, and for how long. */
export interface TrainCandidatesOptions extends TrainingData {
  /** The most promising first; a short search takes the front. */
  readonly grid: readonly ClassifierCandidate[];
  /** What the specialized model may spend of the error budget. */
  readonly targets: ValidationTargets;
  /** Time for all of it in ms, above 0, turned into steps at a nominal speed. Default 120,000. */
  readonly searchDurationMs?: number | undefined;
  /** Time after which the search ends in ms, however far it is. Default: twice `searchDurationMs`. */
  readonly mostDurationMs?: number | undefined;
  /** Processes side by side, 1 or more, each of one thread. Default: the number of cores. */
  readonly workers?: number | undefined;
  /** The same seed, rows and options give the same models, byte by byte, on the same machine. Default 1. */
  readonly seed?: number | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Ends the search: what is trained so far is returned. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a search is. */
export interface TrainingProgress {
  /** From 1. */
  readonly rung: number;
  readonly rungs: number;
  /** Candidates that this rung trains. */
  readonly candidates: number;
  /** Part of the whole search that is done, 0-1. */
  readonly share: number;
  /** Best share of validation rows that must go to the reference model so far, 0-1; null before the first result. */
  readonly referenceShare: number | null;
}

/** A trained model. */
export interface TrainedClassifier {
  readonly candidate: ClassifierCandidate;
  /** The ONNX model, as `exportClassifier` writes it. */
  readonly model: Uint8Array;
  /** How good it is on the validation rows. */
  readonly validation: ValidationScore;
  /** Steps of training that it took part in. */
  readonly steps: number;
}

/** What a search found. */
export interface TrainingResult {
  /** The best first; those that were dropped early too. Empty when rows of one class are missing. */
  readonly classifiers: readonly TrainedClassifier[];
  /** Whether the search took too long and was ended: then another run may find other models. */
  readonly stoppedByClock: boolean;
}

const defaultDurationMs = 120_000;

/** Most rows that a worker keeps in memory: 178 MiB at 72² px. */
const mostTrainRows = 12_000;

/** Most validation rows: with 1 % of errors allowed, more than a few thousand hardly change what is best. */
const mostValidationRows = 2000;

/**
 * Trains specialized models by successive halving (Jamieson and Talwalkar 2016): a few steps for each, then the better
 * half goes on for twice as many, until two are left. The duration is turned into steps at a nominal speed, so that the
 * clock decides nothing unless the search takes `mostDurationMs`.
 * @throws OPTIMIZER_WORKER_DIED - when a worker process dies.
 */
export async function trainCandidates(options: TrainCandidatesOptions): Promise<TrainingResult> {
  const { seed = 1, targets, searchDurationMs = defaultDurationMs, workers = availableParallelism(), signal } = options;
  const scenes = new Map(options.grid.map(candidate => [candidate, cutScene(options.scenes, candidate)]));
  const { positives, negatives } = countClasses(options.train);
  if (positives === 0 || negatives === 0) return { classifiers: [], stoppedByClock: false };

  let running = affordableCandidates(options.grid, { searchDurationMs, workers });
  const rungs = countRungs(running.length);
  const rungMs = searchDurationMs / rungs;
  const clock = AbortSignal.timeout(options.mostDurationMs ?? 2 * searchDurationMs);
  const stop = signal === undefined ? clock : AbortSignal.any([signal, clock]);
  const states = new Map<ClassifierCandidate, RungState>();
  const ranked = (): ClassifierCandidate[] => rank([...states.keys()], states);
  const classifiers = (): TrainedClassifier[] =>
    ranked().map(candidate => {
      const { training, best } = stateOf(states, candidate);
      const { parameters, validation } = best;
      const scene = scenes.get(candidate) ?? null;
      return {
        candidate,
        model: exportClassifier(candidate, { parameters, scene }),
        validation,
        steps: training.steps,
      };
    });

  await using pool = new ClassifierWorkers({
    workers,
    signal: stop,
    data: {
      train: thinRows(options.train, Math.min(mostTrainRows, mostSamples(running, { rungs, rungMs, workers }))),
      validation: thinRows(options.validation, mostValidationRows),
      scenes: options.scenes,
    },
  });
  try {
    for (let rung = 1; rung <= rungs; rung++) {
      const steps = affordableSteps(running, { rungMs, workers });
      // the costliest first: then no worker begins it when the others are done
      const order = [...running].sort((a, b) => b.multiplyAdds - a.multiplyAdds);
      const jobs = order.map((candidate): Extract<ClassifierJob, { kind: 'train' }> => {
        const state = states.get(candidate) ?? null;
        const own = mixSeed(seed, rung, ...Buffer.from(candidate.id));
        return { kind: 'train', name: candidate.id, rung: { candidate, steps, state, seed: own, targets } };
      });
      await pool.run(jobs, {
        onDone(index, state) {
          states.set(order[index] as ClassifierCandidate, state);
        },
        onProgress(shares) {
          const share = shares.reduce((sum, part) => sum + part, 0) / shares.length;
          const [first] = ranked();
          options.onProgress?.({
            rung,
            rungs,
            candidates: shares.length,
            share: (rung - 1 + share) / rungs,
            referenceShare: first === undefined ? null : stateOf(states, first).best.validation.referenceShare,
          });
        },
      });
      running = rank(running, states).slice(0, survivors(running.length));
    }
  } catch (error) {
    if (!stop.aborted || error !== stop.reason) throw error;
  }
  return { classifiers: classifiers(), stoppedByClock: clock.aborted && signal?.aborted !== true };
}

type Ranked = RungState & { readonly best: NonNullable<RungState['best']> };

function stateOf(states: ReadonlyMap<ClassifierCandidate, RungState>, candidate: ClassifierCandidate): Ranked {
  return states.get(candidate) as Ranked; // every rung ends with a look at the validation rows
}

/** The best first; of equal ones the one with less work, then the one earlier in the list. */
function rank(
  candidates: readonly ClassifierCandidate[],
  states: ReadonlyMap<ClassifierCandidate, RungState>,
): ClassifierCandidate[] {
  return [...candidates].sort((a, b) => {
    const [first, second] = [stateOf(states, a).best.validation, stateOf(states, b).best.validation];
    return compareValidation(first, second) || a.multiplyAdds - b.multiplyAdds;
  });
}

/** Samples that the cheapest finalists can see at most in all rungs. */
function mostSamples(
  candidates: readonly ClassifierCandidate[],
  { rungs, rungMs, workers }: { readonly rungs: number; readonly rungMs: number; readonly workers: number },
): number {
  const cheapest = [...candidates].sort((a, b) => a.multiplyAdds - b.multiplyAdds);
  let [samples, count] = [0, candidates.length];
  for (let rung = 0; rung < rungs; rung++) {
    samples += trainingBatch * affordableSteps(cheapest.slice(0, count), { rungMs, workers });
    count = survivors(count);
  }
  return samples;
}
