// Entry of a worker process that measures what the stages of a stream worker cost, and ends.
import { serveTask } from '../serve-task.ts';
import { measureStream } from './measure-stream.ts';
import type { StreamCosts, StreamProfileNote, StreamProfileTask } from './stream-profile.ts';

await serveTask<StreamProfileTask, StreamCosts, StreamProfileNote>(measureStream);
