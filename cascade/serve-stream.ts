import { type Footage, type OpenFootageOptions, openFootage } from '../ingest/index.ts';
import { StreamProgram } from './stream-program.ts';
import type { FromStreamWorker, ToStreamWorker } from './stream-protocol.ts';
import { loadStreamStages, type StreamStages } from './stream-stages.ts';

/** One stream within a worker process. */
export interface ServedStream {
  /** Takes a message of the main process; the promise of `open` settles when the program has ended. */
  receive(message: ToStreamWorker): Promise<void>;
  /** Ends the program after the chunk under way. */
  end(): void;
}

/**
 * Serves one stream: decodes it and runs the cheap stages next to the decoder.
 * @param send - Takes what is to be told; nothing waits for it, since credits bound how much there is.
 * @param open - Opens the footage; whoever opened it disposes of it. Default: footage of its own.
 */
export function serveStream(
  send: (message: FromStreamWorker) => void,
  open: (options: OpenFootageOptions, stages: StreamStages) => Promise<Footage> = openFor,
): ServedStream {
  let program: StreamProgram | null = null;
  let isOver = false;
  return {
    async receive(message) {
      if (message.type !== 'open') {
        program?.receive(message);
        return;
      }
      await using stages = await loadStreamStages(message.program, message.footage.decoder ?? 'node-av');
      await using footage = await open(message.footage, stages);
      program = new StreamProgram(footage, stages, message.program.skip, send);
      if (isOver) return;
      send({ type: 'opened', info: footage.info, table: footage.table });
      await program.run();
    },
    end() {
      isOver = true;
      program?.end();
    },
  };
}

/** Opens footage with the picture sizes of the stages declared; they depend on its own size (letterbox). */
async function openFor(options: OpenFootageOptions, stages: StreamStages): Promise<Footage> {
  const footage = await openFootage(options);
  if (options.decoder !== 'ffmpeg') return footage;
  const pixelRequests = stages.requests(footage.info);
  await footage[Symbol.asyncDispose]();
  return openFootage({ ...options, pixelRequests });
}
