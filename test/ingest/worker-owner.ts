// Entry of a process for tests that owns a worker, tells its process id, and then does nothing.
import { superviseWorker } from '../../ingest/index.ts';
import type { ToEcho } from './echo-worker.ts';

const worker = superviseWorker<ToEcho, number>({
  name: 'orphan',
  file: new URL('echo-worker.js', import.meta.url),
  onMessage: pid => console.log(pid),
});
await worker.started;
worker.send('pid');
