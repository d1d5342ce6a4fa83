// Whether measured stage costs explain what a real run takes: predicted against measured end-to-end rate, and processor time
// (which other programs on the machine do not change), of plans written by hand. Profile and runs take turns.
//
// Usage: node dist/bench/profile.js [rounds=3]
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type CascadePlan, CascadeRun, type Decision, findModel, hashPlan, preparePlan } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { openFootage } from '../ingest/index.ts';
import { type DifferenceCandidate, measureCosts, type PlanProcesses, type StageCosts } from '../optimizer/index.ts';
import { realFootage, syntheticFootage } from './bench-footage.ts';
import { planFor, realDetector, syntheticDetector, truthOf } from './run-plan.ts';
import { sceneModel } from './scene-model.ts';
import { median } from './statistics.ts';
import type { Subject } from './subject.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 3);
const cores = availableParallelism();
const id = 'measured';

async function subjects(): Promise<Subject[]> {
  const list: Subject[] = [];
  const synthetic = await syntheticDetector();
  list.push({
    name: 'synthetic busy 720p',
    path: await syntheticFootage('profile-720p', { profile: 'busy', width: 1280, height: 720, durationSeconds: 60 }),
    query: { predicate: { label: 'person', minScore: 0.5 }, model: synthetic.folder },
    reference: synthetic,
    specialized: await findModel('synthetic-person', syntheticModelsFolder()),
    deltaDiff: 0.5,
  });
  const path = realFootage('one-by-one.mp4');
  if (path !== null) {
    const reference = await realDetector('pvb_2003.onnx', 'pvb');
    const query = { predicate: { label: 'person', minScore: 0.4 }, model: reference.folder } as const;
    const specialized = await sceneModel(path, await truthOf(path, query, { replicas: 2 }), 0.3);
    list.push({ name: 'one-by-one.mp4', path, query, reference, specialized, deltaDiff: 2 });
  }
  return list;
}

function plansOf({ query, reference, specialized, deltaDiff }: Subject, difference: DifferenceCandidate): Plans {
  const skip = (tSkip: number): object => ({ kind: 'every', tSkip });
  const differenceDetector = {
    detector: difference.detector,
    reference: { kind: 'previous', tDiffFrames: difference.tDiffFrames },
    deltaDiff,
  };
  const specializedModel = (cLow: number, cHigh: number): object => ({
    model: specialized.folder,
    sha256: specialized.declaration.sha256,
    cLow,
    cHigh,
  });
  return {
    'all stages, few asked': planFor(query, reference, {
      skip: skip(1),
      differenceDetector,
      specializedModel: specializedModel(0.5, 0.5),
    }),
    'all stages, some asked': planFor(query, reference, {
      skip: skip(2),
      differenceDetector,
      specializedModel: specializedModel(0.1, 0.9),
    }),
    'specialized alone': planFor(query, reference, { skip: skip(1), specializedModel: specializedModel(0.5, 0.5) }),
    'reference on every 10th': planFor(query, reference, { skip: skip(10) }),
    'reference on every 30th': planFor(query, reference, { skip: skip(30) }),
  };
}

type Plans = Readonly<Record<string, CascadePlan>>;

interface Counted {
  readonly decisions: readonly Decision[];
  readonly referenceCalls: number;
  /** Frames a second, start-up not counted. */
  readonly fps: number;
  /** Processor time of all processes in µs a frame, start-up not counted; NaN where /proc is missing. */
  readonly processorUs: number;
}

interface Predicted {
  /** Wall time a frame in µs. */
  readonly frameUs: number;
  /** Processor time a frame in µs. */
  readonly busyUs: number;
  readonly limit: string;
}

interface Result {
  readonly predicted: Predicted[];
  readonly measured: Counted[];
}

for (const subject of await subjects()) {
  const rows: Record<string, string | number>[] = [];
  const costRows: Record<string, string | number>[] = [];
  const difference: DifferenceCandidate = {
    id,
    detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
    tDiffFrames: 10,
  };
  const { path, name } = subject;
  const table = await tableOf(path);
  const stretches = [{ source: 0, range: { from: 0, to: table.timestampsUs.length } }];
  for (const processes of [
    { workers: 1, replicas: 1, cores },
    { workers: 2, replicas: 2, cores },
  ]) {
    const sizes = `${processes.workers} + ${processes.replicas}`;
    const results = new Map<string, Result>();
    for (let round = 0; round < rounds; round++) {
      const costs = await measureCosts({
        sources: [{ footage: { path, streamId: name }, table }],
        stretches,
        referenceModel: subject.reference,
        differences: [difference],
        classifiers: [{ id, model: subject.specialized }],
        processes,
      });
      costRows.push(costRow(`${name}, ${sizes}`, costs));
      for (const [key, plan] of Object.entries(plansOf(subject, difference))) {
        const run = await runCounted(path, plan, processes);
        const predicted = predict(costs, plan, { run, processes });
        const result = results.get(key) ?? { predicted: [], measured: [] };
        result.predicted.push(predicted);
        result.measured.push(run);
        results.set(key, result);
      }
    }
    for (const [plan, { predicted, measured }] of results) {
      const middle = <Item>(items: readonly Item[], of: (item: Item) => number): number => median(items.map(of));
      const fps = [middle(predicted, ({ frameUs }) => 1e6 / frameUs), middle(measured, one => one.fps)] as const;
      const busy = [middle(predicted, one => one.busyUs), middle(measured, one => one.processorUs)] as const;
      rows.push({
        footage: name,
        processes: sizes,
        plan,
        'predicted, frames/s': Math.round(fps[0]),
        'measured, frames/s': Math.round(fps[1]),
        ratio: (fps[0] / fps[1]).toFixed(2),
        'predicted, core µs a frame': Math.round(busy[0]),
        'measured, core µs a frame': Math.round(busy[1]),
        'ratio of these': (busy[0] / busy[1]).toFixed(2),
        'limited by': predicted.at(-1)?.limit ?? '',
      });
    }
  }
  printTable('Stage costs in µs (a frame, a keyframe, a picture)', costRows);
  printTable(`Predicted and measured end-to-end rate, median of ${rounds} (stream workers + model workers)`, rows);
}

async function tableOf(path: string): Promise<Awaited<ReturnType<typeof openFootage>>['table']> {
  await using footage = await openFootage({ path });
  return footage.table;
}

function costRow(what: string, costs: StageCosts): Record<string, string | number> {
  return {
    what,
    decode: Math.round(costs.decodeUs),
    keyframe: Math.round(costs.keyframeUs),
    demux: costs.demuxUs.toFixed(1),
    difference: Math.round(costs.differenceUs[id] ?? 0),
    specialized: Math.round(costs.specializedUs[id] ?? 0),
    send: Math.round(costs.referenceSendUs),
    reference: Math.round(costs.referenceUs),
    decision: costs.decisionUs.toFixed(1),
  };
}

/** Wall time a frame in µs: that of the busiest resource, from what the run's decisions say of how often stages ran. */
function predict(
  costs: StageCosts,
  plan: CascadePlan,
  { run, processes }: { run: Counted; processes: PlanProcesses },
): Predicted {
  const frames = run.decisions.length;
  const looked = run.decisions.filter(({ decidedBy }) => decidedBy !== 'skipped');
  const passed = looked.filter(({ decidedBy }) => decidedBy !== 'unchanged');
  const asked = run.referenceCalls / frames;
  const compared = plan.differenceDetector === null ? 0 : looked.length / frames;
  const scored = plan.specializedModel === null ? 0 : passed.length / frames;
  const stream =
    costs.decodeUs +
    compared * (costs.differenceUs[id] ?? 0) +
    scored * (costs.specializedUs[id] ?? 0) +
    asked * costs.referenceSendUs;
  const model = asked * costs.referenceUs;
  const busyUs = stream + model + costs.decisionUs;
  const resources: Record<string, number> = {
    stream: stream / processes.workers,
    model: model / processes.replicas,
    main: costs.decisionUs,
    cores: busyUs / processes.cores,
  };
  const [limit, frameUs] = Object.entries(resources).reduce((most, one) => (one[1] > most[1] ? one : most));
  return { frameUs, busyUs, limit };
}

async function runCounted(path: string, plan: CascadePlan, { workers, replicas }: PlanProcesses): Promise<Counted> {
  const prepared = await preparePlan({ plan, hash: hashPlan(plan), folder: process.cwd() }, { models: '.' });
  await using run = await CascadeRun.start({ plan: prepared, footage: { path }, workers, replicas });
  const pids = [process.pid, ...run.pids.streamWorkers, ...run.pids.modelWorkers];
  const before = await processorUs(pids);
  const decisions: Decision[] = [];
  let length = 0;
  for await (const batch of run.decisions()) {
    decisions.push(...batch);
    for (const decision of batch) length += JSON.stringify(decision).length;
  }
  const used = (await processorUs(pids)) - before;
  const { runSeconds, referenceCalls } = run.stats();
  const frames = decisions.length;
  if (length === 0) throw new Error('The run gave no decisions.');
  return { decisions, referenceCalls, fps: frames / runSeconds, processorUs: used / frames };
}

/** Processor time of some processes so far, in µs, to 10,000. */
async function processorUs(pids: readonly number[]): Promise<number> {
  const times = pids.map(async pid => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name, in brackets, may hold spaces; user and system time follow it at places 12 and 13, in 1/100 s.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 10_000 * (Number(fields[11]) + Number(fields[12]));
  });
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
}
