import { join } from 'node:path';
import {
  addModel,
  type CascadePlan,
  CascadeRun,
  type CascadeStats,
  type Decision,
  findModel,
  hashPlan,
  LabelCache,
  labelPlan,
  type Predicate,
  parsePlan,
  preparePlan,
  type StoredModel,
} from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { footageHash } from '../ingest/index.ts';
import { benchFolder, dataFolder } from './bench-footage.ts';

/** Model repository of the benches. */
const models = join(benchFolder, 'models');

/** Processes to use. */
export interface RunSize {
  /** Stream workers. Default 1. */
  readonly workers?: number;
  /** Model workers. Default 1. */
  readonly replicas?: number;
}

/** What a run gave. */
export interface RunResult {
  readonly decisions: readonly Decision[];
  readonly stats: CascadeStats;
  /** Frames of the footage a second, from the first packet to the last label; start-up of the processes not counted. */
  readonly fps: number;
}

/** Adds one of the real detectors to the benches' repository. */
export async function realDetector(file: string, head: 'yolox' | 'pvb'): Promise<StoredModel> {
  const name = file.replace(/\.onnx$/, '');
  return addModel({ onnxPath: join(dataFolder(), 'models', file), folder: models, name, head, licence: 'Apache-2.0' });
}

/** The reference detector of the synthetic camera. */
export async function syntheticDetector(): Promise<StoredModel> {
  return findModel('synthetic-detector', syntheticModelsFolder());
}

/** Runs a plan over a file. */
export async function runPlan(path: string, plan: CascadePlan, size: RunSize = {}): Promise<RunResult> {
  const prepared = await preparePlan({ plan, hash: hashPlan(plan), folder: process.cwd() }, { models });
  return finish(await CascadeRun.start({ plan: prepared, footage: { path }, ...size }));
}

/**
 * Runs the reference on every frame, asking it anew: what a cascade is compared with.
 * @param frames - Stops after about so many frames, since each costs the same. Default all.
 */
export async function runReference(
  path: string,
  query: Query,
  { frames = Number.POSITIVE_INFINITY, ...size }: RunSize & { readonly frames?: number } = {},
): Promise<RunResult> {
  const loaded = labelPlan({
    name: 'truth',
    ...query,
    declaration: (await findModel(query.model, models)).declaration,
  });
  const plan = await preparePlan(loaded, { models });
  return finish(await CascadeRun.start({ plan, footage: { path }, ...size }), frames);
}

/** A question and who knows the truth. */
export interface Query {
  readonly predicate: Predicate;
  /** Path of the reference model's version folder. */
  readonly model: string;
}

/**
 * The reference's answers, kept between benches: the truth that errors are measured against.
 * @param every - Asks about every n-th frame only. Default 1.
 */
export async function truthOf(
  path: string,
  query: Query,
  { every = 1, ...size }: RunSize & { readonly every?: number } = {},
): Promise<readonly Decision[]> {
  const { declaration } = await findModel(query.model, models);
  const options = { footageSha256: await footageHash(path), model: declaration, folder: join(benchFolder, 'labels') };
  await using cache = await LabelCache.open(options);
  const plan = await preparePlan(labelPlan({ name: 'truth', ...query, declaration, every }), { models });
  const known = cache.known({ every });
  const onAnswer: typeof cache.add = (frame, detections) => cache.add(frame, detections);
  const { decisions } = await finish(await CascadeRun.start({ plan, footage: { path }, known, onAnswer, ...size }));
  return decisions;
}

/** A plan with the fields that all plans of the benches share. */
export function planFor(query: Query, reference: StoredModel, stages: object): CascadePlan {
  const { sha256 } = reference.declaration;
  const fixed = { schema: 'saccade/plan/1', name: 'bench', predicate: query.predicate };
  return parsePlan({ ...fixed, referenceModel: { model: query.model, sha256 }, ...stages }, 'of the bench');
}

async function finish(started: CascadeRun, frames: number = Number.POSITIVE_INFINITY): Promise<RunResult> {
  await using run = started;
  const decisions: Decision[] = [];
  for await (const batch of run.decisions()) {
    decisions.push(...batch);
    if (decisions.length >= frames) break;
  }
  const stats = run.stats();
  return { decisions, stats, fps: decisions.length / stats.runSeconds };
}
