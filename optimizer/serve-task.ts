import { type ErrorRecord, type PostMessage, serveWorker, toErrorRecord } from '../ingest/index.ts';

/** What the worker process of a task says: notes on the way, then how it ended. */
export type FromTask<Result, Note> =
  | { readonly type: 'note'; readonly note: Note }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  | { readonly type: 'done'; readonly result: Result };

/**
 * Makes this process the worker of one task that `runTask` starts.
 * @param work - Does the task; what it throws reaches the caller of `runTask`. Whatever it posts is a note to that caller.
 */
export async function serveTask<Task, Result, Note>(
  work: (task: Task, post: PostMessage<Note>) => Promise<Result>,
): Promise<void> {
  await serveWorker<Task, FromTask<Result, Note>>(post => async task => {
    try {
      const result = await work(task, note => post({ type: 'note', note }));
      await post({ type: 'done', result });
    } catch (error) {
      await post({ type: 'failed', error: toErrorRecord(error) });
    }
  });
}
