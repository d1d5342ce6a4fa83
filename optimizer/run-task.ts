import { fromErrorRecord, type SupervisedWorker, superviseWorker } from '../ingest/index.ts';
import type { FromTask } from './serve-task.ts';

/** What to run in a worker process of its own. */
export interface TaskLaunch<Task> {
  /** Name for error texts. */
  readonly name: string;
  /** JavaScript file that calls `serveTask`. */
  readonly file: URL;
  /** Sent to it; plain data. */
  readonly task: Task;
}

/** How to follow and stop a task. */
export interface TaskHooks<Note> {
  /** Called with each note of the worker. */
  readonly onNote?: ((note: Note) => void) | undefined;
  /** Ends the task; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does one piece of work in a worker process and ends it: the main process never decodes, infers or computes for long.
 * The process has ended when the promise settles.
 * @throws what the work throws; INGEST_WORKER_RESTARTS_SPENT - when the process dies; the signal's reason.
 */
export async function runTask<Task, Result, Note = never>(
  { name, file, task }: TaskLaunch<Task>,
  { onNote, signal }: TaskHooks<Note> = {},
): Promise<Result> {
  signal?.throwIfAborted();
  let worker: SupervisedWorker<Task> | undefined;
  let stop = (): void => undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop);
      worker = superviseWorker<Task, FromTask<Result, Note>>({
        name,
        file,
        shouldRestart: () => false,
        onReady: () => void worker?.send(task),
        onMessage: message => {
          if (message.type === 'note') onNote?.(message.note);
          else if (message.type === 'failed') reject(fromErrorRecord(message.error));
          else resolve(message.result);
        },
        onGiveUp: reject,
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker?.[Symbol.asyncDispose]();
  }
}

/**
 * Does several pieces of work side by side, each in a process of its own; the first that fails ends the others.
 * @param onNote - Called with the notes of each task, and its place in the list.
 * @returns Their results, in order; all processes have ended by then.
 * @throws what the first of them throws; the signal's reason.
 */
export async function runTasks<Task, Result, Note = never>(
  launches: readonly TaskLaunch<Task>[],
  { onNote, signal }: { onNote?: (note: Note, at: number) => void; signal?: AbortSignal | undefined } = {},
): Promise<Result[]> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const runs = launches.map(async (launch, at) => {
    try {
      return await runTask<Task, Result, Note>(launch, { onNote: note => onNote?.(note, at), signal: either });
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(runs);
  return Promise.all(runs);
}
