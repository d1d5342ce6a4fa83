import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnswerAssembler } from '../../cascade/answer-assembler.ts';
import {
  CascadeRun,
  type Decision,
  type Detection,
  findModel,
  hashPlan,
  type Picture,
  type PreparedPlan,
  parsePlan,
  preparePlan,
} from '../../cascade/index.ts';
import { LiveProgram } from '../../cascade/live-program.ts';
import type { FromLiveWorker } from '../../cascade/live-protocol.ts';
import { loadStreamStages } from '../../cascade/stream-stages.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { type Camera, type CameraFrame, openFootage } from '../../ingest/index.ts';

const models = syntheticModelsFolder();
const predicate = { label: 'person', minScore: 0.5 };
const smoothingMs = 600;
let folder: string;
let path: string;
let plan: PreparedPlan;

/** What stands in for the reference model: an answer that hangs on every byte of the picture. */
function answer({ bytes }: Picture): readonly Detection[] {
  const sum = bytes.reduce((total, value) => total + value, 0);
  return sum % 2 === 0 ? [] : [{ label: 'person', score: 0.9, box: { x: 0, y: 0, width: 1, height: 1 } }];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-live-program-'));
  path = join(folder, 'busy.mp4');
  const camera = { seed: 5, profile: 'busy', width: 320, height: 180, durationSeconds: 8 } as const;
  await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 0.8, bFrames: 2 });
  const pin = async (model: string) => ({ model, sha256: (await findModel(model, models)).declaration.sha256 });
  const content = parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'person',
      predicate,
      smoothingMs,
      skip: { kind: 'every', tSkip: 2 },
      differenceDetector: {
        detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
        reference: { kind: 'previous', tDiffFrames: 5 },
        deltaDiff: 16,
      },
      specializedModel: { ...(await pin('synthetic-person')), cLow: 0.3, cHigh: 0.95 },
      referenceModel: await pin('synthetic-detector'),
    },
    'of this test',
  );
  plan = await preparePlan({ plan: content, hash: hashPlan(content), folder }, { models });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The decisions over the file, as if a camera had sent it in bursts. */
async function decideLive(random: () => number): Promise<Decision[]> {
  await using stages = await loadStreamStages(plan.program, 'node-av');
  const assembler = new AnswerAssembler({ stream: 'busy', table: null, predicate, smoothingMs });
  const decisions: Decision[] = [];
  const answered: Promise<void>[] = [];
  const program = new LiveProgram(stages, {
    tSkip: 2,
    live: { mode: 'every-frame', limit: 1000 },
    from: 0,
    send: (message: FromLiveWorker) => {
      if (message.type === 'ask') {
        const { frame, picture } = message;
        answered.push(turn().then(() => assembler.addAnswer(frame, { detections: answer(picture) })));
      }
      if (message.type !== 'arrived') return;
      assembler.addLooks(message.looks);
      assembler.settle(message.range, message);
      void Promise.all(answered).then(() => {
        decisions.push(...assembler.take());
        program.credit();
      });
    },
  });
  const camera = { counts: {}, damage: {}, decodeMs: 0, status: { state: 'playing' } } as unknown as Camera;
  const running = program.run(camera);
  await using footage = await openFootage({ path });
  const to = footage.table.timestampsUs.length;
  for await (const frame of footage.frames({ from: 0, to }, () => true)) {
    program.receive(frame as CameraFrame);
    if (random() < 0.1) await turn();
  }
  program.end();
  await running;
  await Promise.all(answered);
  assembler.end();
  return [...decisions, ...assembler.take()];
}

describe('LiveProgram', () => {
  it('decides as a run over the same footage does, where nothing is dropped', async () => {
    const expected: Decision[] = [];
    await using run = await CascadeRun.start({ plan, footage: { path }, ask: async (_, picture) => answer(picture) });
    for await (const batch of run.decisions()) expected.push(...batch);
    const deciders = new Set(expected.map(({ decidedBy }) => decidedBy));
    expect([...deciders].sort()).toEqual(['accepted', 'referenced', 'skipped', 'unchanged']);
    const decisions = await decideLive(() => 0.05);
    const close = (decision: Decision): unknown => ({
      ...decision,
      // A model answers a batch differently in the last bits than another one.
      ...('confidence' in decision && { confidence: decision.confidence?.toFixed(4) }),
    });
    expect(decisions.map(close)).toEqual(expected.map(close));
  });
});
