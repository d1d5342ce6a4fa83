import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type SaccadeError, type SupervisedWorker, superviseWorker, type WorkerExit } from '../../ingest/index.ts';
import type { ToEcho } from './echo-worker.ts';

type Said = Uint8Array | number;

/** A real worker process, and the next thing that it says or how it ends. */
class EchoWorker {
  readonly worker: SupervisedWorker<ToEcho>;
  readonly #events: unknown[] = [];
  #wake: () => void = () => undefined;

  constructor(options: { hangTimeoutMs?: number; args?: string[] } = {}) {
    const tell = (event: unknown): void => {
      this.#events.push(event);
      this.#wake();
    };
    this.worker = superviseWorker<ToEcho, Said>({
      name: 'echo',
      file: new URL('echo-worker.js', import.meta.url),
      onMessage: tell,
      onReady: () => tell('ready'),
      onExit: (exit: WorkerExit) => tell(exit),
      ...options,
    });
  }

  async next(): Promise<unknown> {
    while (this.#events.length === 0) await new Promise<void>(resolve => (this.#wake = resolve));
    return this.#events.shift();
  }
}

describe('a real worker process', () => {
  it('echoes bytes, survives kill -9 by a restart, and ends when disposed', async () => {
    const echo = new EchoWorker();
    await echo.worker.started;
    expect(await echo.next()).toBe('ready');
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at & 255);
    echo.worker.send({ echo: bytes });
    expect(await echo.next()).toEqual(bytes);
    const first = echo.worker.pid ?? 0;
    process.kill(first, 'SIGKILL');
    expect(await echo.next()).toMatchObject({ ending: 'crashed', signal: 'SIGKILL', restartInMs: expect.any(Number) });
    expect(await echo.next()).toBe('ready');
    echo.worker.send('pid');
    const second = await echo.next();
    expect(second).toBe(echo.worker.pid);
    expect(second).not.toBe(first);
    await echo.worker[Symbol.asyncDispose]();
    expect(await echo.next()).toMatchObject({ ending: 'disposed', code: 0 });
    expect(isRunning(second as number)).toBe(false);
  });

  it('is killed when it spins while an answer is due, and reports its own errors', async () => {
    const echo = new EchoWorker({ hangTimeoutMs: 300 });
    await echo.worker.started;
    await echo.next();
    echo.worker.send('spin');
    echo.worker.isAwaiting = true;
    expect(await echo.next()).toMatchObject({ ending: 'hung', signal: 'SIGKILL' });
    expect(await echo.next()).toBe('ready');
    echo.worker.send('throw');
    const exit = (await echo.next()) as WorkerExit;
    expect(exit).toMatchObject({ ending: 'crashed', code: 1, error: { code: 'INTERNAL' } });
    expect(exit.error?.message).toContain('cannot go on');
    await echo.worker[Symbol.asyncDispose]();
  });

  it('whose start fails tells why', async () => {
    const echo = new EchoWorker({ args: ['unable'] });
    const error: SaccadeError = await echo.worker.started.then(
      () => expect.unreachable(),
      thrown => thrown,
    );
    expect(error.message).toContain('cannot start');
  });

  it('ends when its owner is killed', async () => {
    const owner = spawn(process.execPath, [fileURLToPath(new URL('worker-owner.js', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [chunk] = (await once(owner.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    expect(isRunning(pid)).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    // It ends by itself: there is nothing to wait on but its process id.
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
