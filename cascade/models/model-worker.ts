// Entry of a model worker process: loads one model and runs the batches that it is sent, one after the other.
import { serveWorker, toErrorRecord } from '../../ingest/index.ts';
import type { Picture } from './model-input.ts';
import type { FromModelWorker, ModelAnswer, ModelWorkerOptions, ToModelWorker } from './model-protocol.ts';
import { OnnxModel } from './onnx-model.ts';

await serveWorker<ToModelWorker, FromModelWorker>(async post => {
  const { model: stored, maxBatchSize, minScore } = JSON.parse(process.argv[2] ?? '') as ModelWorkerOptions;
  const model = await OnnxModel.load(stored, { maxBatchSize, ...(minScore !== undefined && { minScore }) });
  let turn: Promise<void> = Promise.resolve();
  let counted = process.cpuUsage();
  return ({ batch, pictures }) => {
    turn = turn.then(async () => {
      const started = performance.now();
      const answers = await answer(model, pictures);
      const busyMs = performance.now() - started;
      const { user, system } = process.cpuUsage(counted);
      counted = process.cpuUsage();
      // Not awaited: the next batch begins while these answers are on their way.
      void post({
        batch,
        answers,
        busyMs,
        processorMs: (user + system) / 1000,
        peakRssBytes: process.resourceUsage().maxRSS * 1024,
      });
    });
    return turn;
  };
});

async function answer(model: OnnxModel, pictures: readonly Picture[]): Promise<readonly ModelAnswer[]> {
  try {
    return await model.run(pictures);
  } catch (error) {
    if (pictures.length === 1) return [{ kind: 'failed', error: toErrorRecord(error) }];
    // One picture is to blame: run one by one, so that the others have their answers.
    const answers: ModelAnswer[] = [];
    for (const picture of pictures) answers.push(...(await answer(model, [picture])));
    return answers;
  }
}
