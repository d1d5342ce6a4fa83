import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addModel,
  type CascadeOptions,
  CascadeRun,
  type Decision,
  hashPlan,
  type Predicate,
  parsePlan,
  preparePlan,
} from '../../cascade/index.ts';
import { realData } from '../real-data.ts';
import { temporaryFolder } from './models/model-folder.ts';

const differenceDetector = {
  detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
  reference: { kind: 'previous', tDiffFrames: 10 },
  deltaDiff: 8,
};

async function startOn(
  clip: string,
  { predicate, tSkip }: { predicate: Predicate; tSkip: number },
  options: Omit<Partial<CascadeOptions>, 'footage'> & { decoder?: 'node-av' | 'ffmpeg' } = {},
): Promise<CascadeRun> {
  const folder = await temporaryFolder();
  const onnxPath = join(realData ?? '', 'models', 'yolox_nano.onnx');
  const reference = await addModel({ onnxPath, folder, name: 'yolox', head: 'yolox', licence: 'Apache-2.0' });
  const pin = { model: 'yolox', sha256: reference.declaration.sha256 };
  const skip = { kind: 'every', tSkip };
  const plan = parsePlan(
    { schema: 'saccade/plan/1', name: 'test', predicate, skip, differenceDetector, referenceModel: pin },
    'test',
  );
  const { decoder = 'node-av', ...rest } = options;
  const prepared = await preparePlan({ plan, hash: hashPlan(plan), folder }, { models: folder });
  const footage = { path: join(realData ?? '', 'video', clip), decoder };
  return CascadeRun.start({ plan: prepared, footage, ...rest });
}

async function take(run: CascadeRun, onFrames: (frames: number) => void = () => undefined): Promise<Decision[]> {
  await using owned = run;
  const decisions: Decision[] = [];
  for await (const batch of owned.decisions()) {
    decisions.push(...batch);
    onFrames(decisions.length);
  }
  return decisions;
}

const vehicles: Predicate = {
  any: [
    { label: 'car', minScore: 0.4 },
    { label: 'bus', minScore: 0.4 },
    { label: 'truck', minScore: 0.4 },
  ],
};
const person: Predicate = { label: 'person', minScore: 0.4 };

describe.skipIf(realData === null)('a cascade on real footage', () => {
  it('gives the same output on a13-jamcam.mp4 when a stream worker and the model worker are killed', async () => {
    const large: Predicate = {
      any: [
        { label: 'bus', minHeight: 0.15 },
        { label: 'truck', minHeight: 0.15 },
      ],
    };
    const query = { predicate: large, tSkip: 75 };
    const undisturbed = await take(await startOn('a13-jamcam.mp4', query));
    const run = await startOn('a13-jamcam.mp4', query);
    let kills = 0;
    const disturbed = await take(run, frames => {
      if (frames < (kills + 1) * 3500 || kills === 3) return;
      kills++;
      for (const pid of [run.pids.streamWorkers[0], run.pids.modelWorkers[0]]) {
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
      }
    });
    expect(run.stats().restarts).toBeGreaterThanOrEqual(2);
    expect(disturbed).toEqual(undisturbed);
    expect(undisturbed.some(({ label }) => label)).toBe(true);
  }, 240_000);

  it.each([
    ['one-by-one.mp4', person],
    ['car-park.mp4', vehicles],
    ['person-bicycle-car.mp4', { any: [person, vehicles] }],
  ] as [string, Predicate][])(
    'gives the same labels with both decoders on %s',
    async (clip, predicate) => {
      const query = { predicate, tSkip: 5 };
      const own = await take(await startOn(clip, query));
      const ffmpeg = await take(await startOn(clip, query, { decoder: 'ffmpeg' }));
      const label = ({ label: value }: Decision): boolean => value;
      const differing = own.filter((decision, i) => decision.label !== ffmpeg[i]?.label).map(({ frame }) => frame);
      console.log(
        `${clip}: ${own.length} frames, ${differing.length} differ between the decoders: ${differing.join(' ')}`,
      );
      expect(ffmpeg.map(({ timestampUs }) => timestampUs)).toEqual(own.map(({ timestampUs }) => timestampUs));
      expect(ffmpeg.map(label)).toEqual(own.map(label));
    },
    240_000,
  );
});
