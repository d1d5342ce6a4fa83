import { fromErrorRecord, superviseWorker } from '../ingest/index.ts';
import type { FootageTask, FootageTaskResults, FromFootageTask, ToFootageTask } from './footage-task-protocol.ts';

/** How to follow and stop a task. */
export interface FootageTaskHooks {
  /** Told how many frames of the footage have been passed, about ten times a second. */
  readonly onProgress?: ((frames: number, frameCount: number) => void) | undefined;
  /** Ends the task; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a task in a worker process of its own: the main process never decodes. */
export async function runFootageTask<Kind extends FootageTask['kind']>(
  task: Extract<FootageTask, { kind: Kind }>,
  { onProgress, signal }: FootageTaskHooks = {},
): Promise<FootageTaskResults[Kind]> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = withResolvers<FootageTaskResults[Kind]>();
  await using worker = superviseWorker<ToFootageTask, FromFootageTask>({
    name: task.kind,
    file: new URL('./footage-task-worker.js', import.meta.url),
    shouldRestart: () => false,
    onReady: () => void worker.send({ task }),
    onMessage: message => {
      if (message.type === 'progress') onProgress?.(message.frames, message.frameCount);
      else if (message.type === 'failed') reject(fromErrorRecord(message.error));
      // Safe because the worker answers each kind of task with its own kind of result.
      else resolve(message.result as FootageTaskResults[Kind]);
    },
    onGiveUp: reject,
  });
  const stop = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function withResolvers<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (reason: unknown) => void;
} {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<Value>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
