import type { Predicate, StoredModel } from '../cascade/index.ts';
import { realFootage, syntheticFootage } from './bench-footage.ts';
import { realDetector, syntheticDetector } from './run-plan.ts';

/** A question, the footage that its plan is found on, and the footage that the plan is tried on. */
export interface OptimizeQuery {
  readonly id: string;
  readonly name: string;
  readonly predicate: Predicate;
  readonly reference: StoredModel;
  readonly targets: { readonly falseNegativeRate: number; readonly falsePositiveRate: number };
  /** File, with the time range of it that the plan is found on. */
  readonly earlier: string;
  /** File that the plan is run on; errors are counted from frame `from` on. */
  readonly later: string;
  readonly from: number;
  /** Frames a second that are labeled for the search; undefined: all. */
  readonly labelFps: number | undefined;
  /** Truth is known of every n-th frame of the later footage. */
  readonly truthEvery: number;
  /** Name and classes by which the Python loop knows the reference; null: it does not. */
  readonly python: { readonly model: string; readonly classes: string } | null;
}

/** The queries of some names, or all; those whose footage is missing are left out, with a line that says so. */
export async function optimizeQueries(ids: readonly string[]): Promise<readonly OptimizeQuery[]> {
  const all = [...(await realQueries()), ...(await syntheticQueries(ids))];
  return ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
}

const onePercent = { falseNegativeRate: 0.01, falsePositiveRate: 0.01 };

async function realQueries(): Promise<readonly OptimizeQuery[]> {
  if (realFootage('one-by-one.mp4') === null) return [];
  const pvb = await realDetector('pvb_2003.onnx', 'pvb');
  const yolox = await realDetector('yolox_nano_736x1280.onnx', 'yolox');
  const common = { reference: pvb, targets: onePercent, labelFps: undefined, truthEvery: 1 };
  const person: Predicate = { label: 'person', minScore: 0.4, minHeight: 0.1 };
  const vehicle: Predicate = { label: 'vehicle', minScore: 0.4, minHeight: 0.1 };
  const both = { model: 'pvb', classes: 'person,vehicle' };
  const clip = (
    file: string,
    seconds: number,
    frameRateFps: number,
  ): Pick<OptimizeQuery, 'earlier' | 'later' | 'from'> => {
    const path = realFootage(file) ?? file;
    return { earlier: `${path}#t=0,${seconds}`, later: path, from: Math.ceil(seconds * frameRateFps) };
  };
  const large = (label: string): Predicate => ({ label, minScore: 0.4, minHeight: 0.15 });
  return [
    {
      ...common,
      ...clip('one-by-one.mp4', 95, 10),
      id: 'room',
      name: 'one-by-one.mp4, person',
      predicate: person,
      python: { model: 'pvb', classes: 'person' },
    },
    {
      ...common,
      ...clip('person-bicycle-car.mp4', 27, 12),
      id: 'yard',
      name: 'person-bicycle-car.mp4, person or vehicle',
      predicate: { any: [person, vehicle] },
      python: both,
    },
    {
      ...common,
      ...clip('car-park.mp4', 21, 12.5),
      id: 'car-park',
      name: 'car-park.mp4, person or vehicle',
      predicate: { any: [person, vehicle] },
      python: both,
    },
    {
      ...common,
      ...clip('a13-jamcam.mp4', 400, 25),
      id: 'road',
      name: 'a13-jamcam.mp4, bus or truck',
      reference: yolox,
      predicate: { any: [large('bus'), large('truck')] },
      labelFps: 5,
      truthEvery: 5,
      python: null,
    },
  ];
}

/** Ten minutes to search on and five to try the plan on, one after the other. */
async function syntheticQueries(ids: readonly string[]): Promise<readonly OptimizeQuery[]> {
  const queries: OptimizeQuery[] = [];
  for (const profile of ['quiet', 'busy'] as const) {
    if (ids.length > 0 && !ids.includes(profile)) continue;
    const camera = { seed: 1, profile, frameRateFps: 25, keyframeIntervalSeconds: 2 } as const;
    queries.push({
      id: profile,
      name: `synthetic ${profile}, person`,
      predicate: { label: 'person', minScore: 0.5, minHeight: 0.12 },
      reference: await syntheticDetector(),
      targets: onePercent,
      earlier: await syntheticFootage(`${profile}-earlier`, { ...camera, durationSeconds: 600 }),
      later: await syntheticFootage(`${profile}-later`, { ...camera, startSeconds: 600, durationSeconds: 300 }),
      from: 0,
      labelFps: undefined,
      truthEvery: 1,
      python: null,
    });
  }
  return queries;
}
