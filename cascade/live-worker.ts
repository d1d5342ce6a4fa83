// Entry of a worker process for one camera: decodes it and runs the cheap stages next to the decoder.
import { type Camera, openCamera, serveWorker } from '../ingest/index.ts';
import { LiveProgram } from './live-program.ts';
import type { FromLiveWorker, ToLiveWorker } from './live-protocol.ts';
import { loadStreamStages } from './stream-stages.ts';

await serveWorker<ToLiveWorker, FromLiveWorker>(post => {
  const send = (message: FromLiveWorker): void => void post(message);
  let program: LiveProgram | null = null;
  let camera: Camera | null = null;
  let isOver = false;
  const end = async (): Promise<void> => {
    isOver = true;
    await camera?.[Symbol.asyncDispose]();
    program?.end();
  };
  const serve = async ({ camera: options, live, program: config }: Extract<ToLiveWorker, { type: 'open' }>) => {
    await using stages = await loadStreamStages(config, 'node-av');
    const tSkip = config.skip.kind === 'every' ? config.skip.tSkip : 1;
    const running = new LiveProgram(stages, { tSkip, live, from: options.resume?.index ?? 0, send });
    program = running;
    await using opened = await openCamera(options, {
      onFrame: frame => running.receive(frame),
      onStatus: (status, counts) => send({ type: 'status', status, counts }),
    });
    camera = opened;
    send({ type: 'opened' });
    if (isOver) await end();
    // A connection that cannot be ended takes the process along.
    await Promise.all([running.run(opened), opened.closed]);
    send({ type: 'ended' });
  };
  return message => {
    if (message.type === 'open') return serve(message);
    if (message.type === 'end') return end();
    return program?.credit();
  };
});
