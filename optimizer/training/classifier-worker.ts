// Entry of a worker process that trains and scores specialized models, one job after another.
import { LoadedModel, type Picture } from '../../cascade/index.ts';
import { serveWorker, toErrorRecord } from '../../ingest/index.ts';
import { PictureReader, pictureBytes } from '../picture-file.ts';
import type {
  ClassifierJob,
  ClassifierJobResults,
  FromClassifierWorker,
  ToClassifierWorker,
  TrainingData,
} from './classifier-protocol.ts';
import { type LabeledCrops, readLabeledCrops } from './labeled-crops.ts';
import { cutScene, trainRung } from './train-rung.ts';

type JobOf<Kind extends ClassifierJob['kind']> = Extract<ClassifierJob, { kind: Kind }>;
type Progress = (share: number) => void;

const progressEveryMs = 200;

/** Pictures a run, as in a stream worker's chunks. */
const scoringBatch = 32;

await serveWorker<ToClassifierWorker, FromClassifierWorker>(post => {
  let data: TrainingData = { train: [], validation: [], scenes: [] };
  const loaded = new Map<string, { train: LabeledCrops; validation: LabeledCrops }>();
  let toldMs = 0;
  const progress: Progress = share => {
    if (performance.now() - toldMs < progressEveryMs) return;
    toldMs = performance.now();
    void post({ type: 'progress', share });
  };

  const train = async ({ rung }: JobOf<'train'>): Promise<ClassifierJobResults['train']> => {
    const { view } = rung.candidate;
    const crops = loaded.get(view.name) ?? {
      train: await readLabeledCrops(data.train, view),
      validation: await readLabeledCrops(data.validation, view),
    };
    loaded.set(view.name, crops);
    const scene = cutScene(data.scenes, rung.candidate);
    return trainRung(rung, { ...crops, scene }, step => progress(step / rung.steps));
  };

  return async message => {
    if (message.type === 'data') {
      data = message.data;
      return;
    }
    const { job } = message;
    try {
      await post({ type: 'done', result: job.kind === 'train' ? await train(job) : await score(job, progress) });
    } catch (error) {
      await post({ type: 'failed', error: toErrorRecord(error) });
    }
  };
});

async function score(
  { model: stored, pictures }: JobOf<'score'>,
  progress: Progress,
): Promise<ClassifierJobResults['score']> {
  await using model = await LoadedModel.load(stored, { maxBatchSize: scoringBatch });
  await using reader = await PictureReader.open(pictures);
  const { width, height } = pictures.request;
  const length = pictureBytes(pictures.request);
  const scores = new Float32Array(pictures.rows);
  const timesUs: number[] = [];
  for (let from = 0; from < pictures.rows; from += scoringBatch) {
    const to = Math.min(from + scoringBatch, pictures.rows);
    const bytes = await reader.range(from, to);
    const batch = Array.from({ length: to - from }, (_, i): Picture => {
      const own = bytes.subarray(i * length, (i + 1) * length);
      return { width, height, bytes: own, frameWidth: width, frameHeight: height };
    });
    const started = performance.now();
    scores.set(await model.confidences(batch), from);
    timesUs.push(((performance.now() - started) * 1000) / batch.length);
    progress(to / pictures.rows);
  }
  timesUs.sort((a, b) => a - b);
  return { scores, frameUs: timesUs[Math.floor(timesUs.length / 2)] ?? 0 };
}
