// Entry of a stream worker process: decodes one stream and runs the cheap stages next to the decoder.
import { type Footage, type OpenFootageOptions, openFootage, serveWorker, toErrorRecord } from '../ingest/index.ts';
import { StreamProgram } from './stream-program.ts';
import type { FromStreamWorker, ToStreamWorker } from './stream-protocol.ts';
import { loadStreamStages, type StreamStages } from './stream-stages.ts';

let program: StreamProgram | null = null;

const { send } = serveWorker<ToStreamWorker, FromStreamWorker>(message => {
  if (message.type !== 'open') {
    program?.receive(message);
    return;
  }
  open(message).catch((error: unknown) => send({ type: 'failed', error: toErrorRecord(error) }));
});

async function open({ footage: options, program: config }: Extract<ToStreamWorker, { type: 'open' }>): Promise<void> {
  await using stages = await loadStreamStages(config);
  await using footage = await openFor(stages, options);
  program = new StreamProgram(footage, stages, config.skip, send);
  send({ type: 'opened', info: footage.info, table: footage.table });
  await program.run();
}

/** Opens footage with the picture sizes of the stages declared; they depend on its own size (letterbox). */
async function openFor(stages: StreamStages, options: OpenFootageOptions): Promise<Footage> {
  const footage = await openFootage(options);
  if (options.decoder !== 'ffmpeg') return footage;
  const pixelRequests = stages.requests(footage.info);
  await footage[Symbol.asyncDispose]();
  return openFootage({ ...options, pixelRequests });
}
