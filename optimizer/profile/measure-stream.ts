import { pictureRequest } from '../../cascade/index.ts';
import type { Footage, FootageInfo, PixelRequest, PostMessage } from '../../ingest/index.ts';
import type { Stretch } from '../labeled-part.ts';
import { measureDecision } from './measure-decision.ts';
import { type MeasuredFootage, measureDecode, openMeasured } from './measure-decode.ts';
import { measureStages } from './measure-stages.ts';
import type { StreamCosts, StreamProfileNote, StreamProfileTask } from './stream-profile.ts';

/** Share of the time for decoding; the rest is for the stages after it. */
const decodeShare = 0.5;

/** Measures everything but the reference model's inference. Runs in a worker process. */
export async function measureStream(
  task: StreamProfileTask,
  post: PostMessage<StreamProfileNote>,
): Promise<StreamCosts> {
  const opened: MeasuredFootage[] = [];
  try {
    for (const options of task.footages) {
      const measured = await openMeasured(options);
      opened.push(measured);
      if (options.decoder !== 'ffmpeg') continue;
      await measured.footage[Symbol.asyncDispose]();
      const { footage } = await openMeasured({ ...options, pixelRequests: requestsOf(task, measured.footage.info) });
      opened[opened.length - 1] = { ...measured, footage };
    }
    const footageOf = ({ source }: Stretch): Footage => (opened[source] as MeasuredFootage).footage;
    const { windows, durationMs } = task;
    const decode = await measureDecode(opened, { windows, durationMs: decodeShare * durationMs });
    const stages = await measureStages(footageOf, { ...task, durationMs: (1 - decodeShare) * durationMs }, post);
    return { ...decode, ...stages, decisionUs: measureDecision() };
  } finally {
    for (const { footage } of opened) await footage[Symbol.asyncDispose]();
  }
}

/** Every size that will be asked for. */
function requestsOf(
  { differences, classifiers, referenceModel }: StreamProfileTask,
  frame: FootageInfo,
): PixelRequest[] {
  return [
    ...differences.map(({ detector: { width, height, format } }) => ({ width, height, format })),
    ...[...classifiers.map(({ model }) => model), referenceModel].map(model =>
      pictureRequest(model.declaration, frame),
    ),
  ];
}
