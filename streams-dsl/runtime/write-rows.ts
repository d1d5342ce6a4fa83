import { type Observable, Subscription } from 'rxjs';
import type { Sink } from '../../sinks/index.ts';
import { type Credit, holdCredit } from '../credit-gate.ts';

/**
 * Writes rows to a sink, and resolves when the last one has been handed to the receiver. Rows that wait are held, so that
 * their source waits for a slow sink; those that gathered during a write go together.
 * @param signal - Ends the taking of rows; what was taken is still written.
 * @throws what the rows or the sink throw.
 */
export function writeRows<Row>(rows: Observable<Row>, sink: Sink<Row>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = new Subscription();
    let waiting: Row[] = [];
    let credits: Credit[] = [];
    let isWriting = false;
    let hasEnded = false;
    const fail = (error: unknown): void => {
      subscription.unsubscribe();
      for (const credit of credits.splice(0)) credit.release();
      reject(error);
    };
    const write = async (): Promise<void> => {
      if (isWriting) return;
      isWriting = true;
      while (waiting.length > 0) {
        const [taken, held] = [waiting, credits];
        [waiting, credits] = [[], []];
        try {
          await sink.write(taken);
        } finally {
          for (const credit of held) credit.release();
        }
      }
      isWriting = false;
      if (hasEnded) {
        await sink.flush();
        resolve();
      }
    };
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      write().catch(fail);
    };
    // Made before the subscription, which may fail at once.
    subscription.add(
      rows.subscribe({
        next: row => {
          waiting.push(row);
          credits.push(holdCredit());
          write().catch(fail);
        },
        error: fail,
        complete: end,
      }),
    );
    const stop = (): void => {
      subscription.unsubscribe();
      end();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
