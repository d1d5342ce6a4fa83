// Entry of a model worker process: loads one model and runs the batches that it is sent, one after the other.
import { serveWorker } from '../../ingest/index.ts';
import type { FromModelWorker, ModelWorkerOptions, ToModelWorker } from './model-protocol.ts';
import { OnnxModel } from './onnx-model.ts';
import { unpackWorks } from './pack-works.ts';
import { WorkRunner } from './work-runner.ts';

await serveWorker<ToModelWorker, FromModelWorker>(async post => {
  const options = JSON.parse(process.argv[2] ?? '') as ModelWorkerOptions;
  const { model: stored, maxBatchSize, minScore, decodesImages } = options;
  const model = await OnnxModel.load(stored, { maxBatchSize, ...(minScore !== undefined && { minScore }) });
  const runner = new WorkRunner(model);
  if (decodesImages) await runner.prepareImages();
  await post({ tensors: model.tensors });
  let turn: Promise<void> = Promise.resolve();
  let counted = process.cpuUsage();
  return message => {
    turn = turn.then(async () => {
      const started = performance.now();
      const answers = await runner.answer(unpackWorks(message));
      const busyMs = performance.now() - started;
      const usage = process.cpuUsage();
      const processorMs = (usage.user + usage.system - counted.user - counted.system) / 1000;
      counted = usage;
      const peakRssBytes = process.resourceUsage().maxRSS * 1024;
      // Not awaited: the next batch begins while these answers are on their way.
      void post({ batch: message.batch, answers, busyMs, processorMs, peakRssBytes });
    });
    return turn;
  };
});
