import { toErrorRecord } from './saccade-error.ts';
import type { WorkerEnvelope } from './worker-process.ts';

/**
 * Sends a message to the process that supervises this one.
 * @returns Resolves when the channel has taken it; awaiting each keeps at most one message in memory here.
 */
export type PostMessage<FromWorker> = (message: FromWorker) => Promise<void>;

/** Receives the messages of the process that supervises this one, one after another. */
export type MessageHandler<ToWorker> = (message: ToWorker) => void | Promise<void>;

/**
 * Makes this process a worker of the one that started it by `superviseWorker`.
 *
 * Messages are handled as they arrive; a handler that is still busy does not hold back the next message. The process
 * ends when the supervisor goes away or lets go, ignores Ctrl-C (which the terminal sends to all processes: the
 * supervisor answers it), and ends with exit code 1 after an error of the handler, which is reported.
 * @param start - Loads what is needed, then returns the handler; the worker is ready when it has returned.
 * @example
 * await serveWorker<number, number>(post => async message => post(message * 2));
 */
export async function serveWorker<ToWorker, FromWorker>(
  start: (post: PostMessage<FromWorker>) => MessageHandler<ToWorker> | Promise<MessageHandler<ToWorker>>,
): Promise<void> {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  try {
    const handle = await start(message => post({ kind: 'message', message }));
    process.on('message', message => {
      void (async () => handle(message as ToWorker))().catch(fail);
    });
    await post({ kind: 'ready' });
  } catch (error) {
    await fail(error);
  }
}

function post(envelope: WorkerEnvelope): Promise<void> {
  return new Promise(resolve => {
    if (process.send === undefined || !process.connected) resolve();
    // A channel that breaks meanwhile is reported by 'disconnect'.
    else process.send(envelope, () => resolve());
  });
}

async function fail(error: unknown): Promise<never> {
  await post({ kind: 'failed', error: toErrorRecord(error) });
  process.exit(1);
}
