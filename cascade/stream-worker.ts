// Entry of a stream worker process: decodes one stream and runs the cheap stages next to the decoder.
import { type Footage, type OpenFootageOptions, openFootage, serveWorker } from '../ingest/index.ts';
import { StreamProgram } from './stream-program.ts';
import type { FromStreamWorker, ToStreamWorker } from './stream-protocol.ts';
import { loadStreamStages, type StreamStages } from './stream-stages.ts';

await serveWorker<ToStreamWorker, FromStreamWorker>(post => {
  // Nothing waits for a message to leave: credits bound how many there are.
  const send = (message: FromStreamWorker): void => void post(message);
  let program: StreamProgram | null = null;
  return async message => {
    if (message.type !== 'open') {
      program?.receive(message);
      return;
    }
    await using stages = await loadStreamStages(message.program, message.footage.decoder ?? 'node-av');
    await using footage = await openFor(stages, message.footage);
    program = new StreamProgram(footage, stages, message.program.skip, send);
    send({ type: 'opened', info: footage.info, table: footage.table });
    await program.run();
  };
});

/** Opens footage with the picture sizes of the stages declared; they depend on its own size (letterbox). */
async function openFor(stages: StreamStages, options: OpenFootageOptions): Promise<Footage> {
  const footage = await openFootage(options);
  if (options.decoder !== 'ffmpeg') return footage;
  const pixelRequests = stages.requests(footage.info);
  await footage[Symbol.asyncDispose]();
  return openFootage({ ...options, pixelRequests });
}
