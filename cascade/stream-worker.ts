// Entry of a stream worker process: decodes one stream and runs the cheap stages next to the decoder.
import { serveWorker } from '../ingest/index.ts';
import { serveStream } from './serve-stream.ts';
import type { FromStreamWorker, ToStreamWorker } from './stream-protocol.ts';

await serveWorker<ToStreamWorker, FromStreamWorker>(post => {
  const stream = serveStream(message => void post(message));
  return message => stream.receive(message);
});
