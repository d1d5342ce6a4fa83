// Entry of a worker process for tests: does what its messages say.
import { serveWorker } from '../../ingest/index.ts';

/** What the worker is told to do. */
export type ToEcho = { readonly echo: Uint8Array } | 'pid' | 'exit' | 'throw' | 'spin';

await serveWorker<ToEcho, Uint8Array | number>(post => {
  if (process.argv[2] === 'unable') throw new Error('cannot start');
  return async message => {
    if (message === 'pid') await post(process.pid);
    else if (message === 'exit') process.exit(7);
    else if (message === 'throw') throw new Error('cannot go on');
    else if (message === 'spin') for (;;);
    else await post(message.echo);
  };
});
