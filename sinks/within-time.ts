import type { Clock } from '../ingest/index.ts';

/** Waits for something, but no longer than a time in ms; says whether it came. Its errors pass. */
export async function withinTime(clock: Clock, timeoutMs: number, awaited: Promise<void>): Promise<boolean> {
  let cancel = (): void => undefined;
  const late = new Promise<boolean>(resolve => {
    cancel = clock.after(timeoutMs, () => resolve(false));
  });
  try {
    return await Promise.race([awaited.then(() => true), late]);
  } finally {
    cancel();
  }
}
