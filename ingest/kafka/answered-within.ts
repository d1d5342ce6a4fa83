/** Waits for an answer, but no longer than a time in ms. @throws Error - when it does not come in time. */
export async function answeredWithin<Answer>(
  what: string,
  timeoutMs: number,
  answer: Promise<Answer>,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(`${what}: no answer in ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** No answer in time. */
class LateError extends Error {
  readonly code = 'PLT_KFK_TIMEOUT';
}

/** A client that can be thrown away. */
interface Client {
  close(force?: boolean): Promise<void>;
  readonly connections: { close(callback: () => void): void };
}

/** Closes a client, in good order if the broker answers; no connection survives in any case. */
export async function discard(client: Client | null): Promise<void> {
  if (client === null) return;
  await answeredWithin('close', 3000, client.close(true)).catch(() => undefined);
  client.connections.close(() => undefined);
}
