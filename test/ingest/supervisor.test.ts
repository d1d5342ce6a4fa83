import { describe, expect, it } from 'vitest';
import { type SupervisedWorker, type SuperviseOptions, superviseWorker } from '../../ingest/index.ts';
import type { WorkerLauncher, WorkerProcessEvents } from '../../ingest/worker-process.ts';
import { ManualClock } from './manual-clock.ts';

/** Processes that do what the test says. */
class FakeProcesses {
  started: WorkerProcessEvents[] = [];
  readonly sent: unknown[] = [];
  kills = 0;
  disconnects = 0;
  isFull = false;
  takeOver: (() => void)[] = [];

  readonly launcher: WorkerLauncher = (_, events) => {
    this.started.push(events);
    return {
      pid: 1000 + this.started.length,
      send: (message, onTaken) => {
        this.sent.push(message);
        this.takeOver.push(onTaken);
        return !this.isFull;
      },
      disconnect: () => void this.disconnects++,
      kill: () => {
        this.kills++;
        events.onExit({ code: null, signal: 'SIGKILL', outputTail: 'killed' });
      },
    };
  };

  get current(): WorkerProcessEvents {
    const last = this.started.at(-1);
    if (last === undefined) throw new Error('nothing was started');
    return last;
  }

  ready(): void {
    this.current.onEnvelope({ kind: 'ready' });
  }

  crash(code = 1): void {
    this.current.onExit({ code, signal: null, outputTail: 'Segmentation fault' });
  }
}

interface Scene {
  readonly clock: ManualClock;
  readonly processes: FakeProcesses;
  readonly worker: SupervisedWorker<string>;
  /** What the owner was told, in order. */
  readonly told: unknown[][];
}

function scene(options: Partial<SuperviseOptions<number>> = {}): Scene {
  const clock = new ManualClock();
  const processes = new FakeProcesses();
  const told: unknown[][] = [];
  const worker = superviseWorker<string, number>({
    name: 'door',
    file: new URL('file:///nothing.js'),
    clock,
    random: () => 0.5,
    launcher: processes.launcher,
    onMessage: message => told.push(['message', message]),
    onReady: () => told.push(['ready']),
    onExit: ({ ending, restartInMs }) => told.push(['exit', ending, restartInMs]),
    onGiveUp: error => told.push(['give up', error.code]),
    ...options,
  });
  return { clock, processes, worker, told };
}

describe('superviseWorker', () => {
  it('takes messages from the time that the worker is ready', async () => {
    const { processes, worker, told } = scene();
    expect([worker.isReady, worker.send('early')]).toEqual([false, 'dropped']);
    processes.ready();
    await worker.started;
    expect([worker.isReady, worker.pid, worker.send('hello')]).toEqual([true, 1001, 'sent']);
    processes.current.onEnvelope({ kind: 'message', message: 7 });
    expect(processes.sent).toEqual(['hello']);
    expect(told).toEqual([['ready'], ['message', 7]]);
  });

  it('tells of a channel that is full, and counts what it has not taken', () => {
    const { processes, worker } = scene();
    processes.ready();
    processes.isFull = true;
    expect([worker.send('a'), worker.send('b'), worker.unsentMessages]).toEqual(['backlogged', 'backlogged', 2]);
    processes.takeOver[0]?.();
    expect(worker.unsentMessages).toBe(1);
    processes.crash();
    // What the ended process takes over no longer counts.
    processes.takeOver[1]?.();
    expect(worker.unsentMessages).toBe(1);
  });

  it('restarts after crashes with growing waits, jittered by the random number', () => {
    const { clock, processes, worker, told } = scene();
    processes.ready();
    for (const waitMs of [50, 100, 200, 400]) {
      processes.crash();
      expect(told.at(-1)).toEqual(['exit', 'crashed', waitMs]);
      expect([worker.isReady, worker.pid]).toEqual([false, undefined]);
      const before = processes.started.length;
      clock.advance(waitMs - 1);
      expect(processes.started.length).toBe(before);
      clock.advance(1);
      expect(processes.started.length).toBe(before + 1);
      processes.ready();
    }
    expect(worker.restarts).toBe(4);
  });

  it('gives up with INGEST_WORKER_RESTARTS_SPENT when the budget is spent, and only then', () => {
    const { clock, processes, told } = scene({ restartLimit: { restarts: 2, windowMs: 10_000 } });
    processes.ready();
    const crashAndRestart = (): void => {
      processes.crash();
      clock.advance(1000);
      processes.ready();
    };
    crashAndRestart();
    crashAndRestart();
    // The window moves on.
    clock.advance(9500);
    crashAndRestart();
    processes.crash();
    clock.advance(1000);
    processes.ready();
    processes.crash();
    expect(told.slice(-2)).toEqual([
      ['exit', 'crashed', undefined],
      ['give up', 'INGEST_WORKER_RESTARTS_SPENT'],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('does not restart after exit code 0, nor after an error that no retry helps', () => {
    const ended = scene();
    ended.processes.ready();
    ended.processes.crash(0);
    expect(ended.told.at(-1)).toEqual(['exit', 'ended', undefined]);
    const failed = scene();
    failed.processes.ready();
    const error = { code: 'INGEST_FILE_NOT_FOUND', message: 'No file.', remedy: 'Look.', retryable: false };
    failed.processes.current.onEnvelope({ kind: 'failed', error });
    failed.processes.crash();
    expect(failed.told.slice(-2)).toEqual([
      ['exit', 'crashed', undefined],
      ['give up', 'INGEST_FILE_NOT_FOUND'],
    ]);
  });

  it('restarts as the owner decides', () => {
    const { processes, told } = scene({ shouldRestart: exit => exit.ending === 'ended' });
    processes.ready();
    processes.crash(0);
    expect(told.at(-1)).toEqual(['exit', 'ended', 50]);
  });

  it('fails at once with INGEST_WORKER_NOT_READY when the first start ends early', async () => {
    const { processes, worker, told } = scene();
    processes.crash(3);
    const error = expect.objectContaining({
      code: 'INGEST_WORKER_NOT_READY',
      message: expect.stringContaining('Segmentation fault'),
    });
    await expect(worker.started).rejects.toEqual(error);
    expect(told).toEqual([
      ['exit', 'crashed', undefined],
      ['give up', 'INGEST_WORKER_NOT_READY'],
    ]);
  });

  it('kills a worker that is not ready by its deadline', async () => {
    const { clock, processes, worker, told } = scene({ readyDeadlineMs: 5000 });
    clock.advance(4999);
    expect(processes.kills).toBe(0);
    clock.advance(1);
    expect(processes.kills).toBe(1);
    expect(told[0]).toEqual(['exit', 'not-ready', undefined]);
    await expect(worker.started).rejects.toThrow('within 5000 ms, got silence');
  });

  it('kills a worker that is silent while an answer is due, and no other', () => {
    const { clock, processes, worker, told } = scene({ hangTimeoutMs: 1000 });
    processes.ready();
    clock.advance(60_000);
    expect(processes.kills).toBe(0);
    worker.isAwaiting = true;
    clock.advance(900);
    processes.current.onEnvelope({ kind: 'message', message: 1 });
    clock.advance(900);
    worker.isAwaiting = false;
    clock.advance(60_000);
    expect(processes.kills).toBe(0);
    worker.isAwaiting = true;
    clock.advance(1000);
    expect(processes.kills).toBe(1);
    expect(told.at(-1)).toEqual(['exit', 'hung', 50]);
    expect(worker.isAwaiting).toBe(false);
  });

  it('lets go of the worker when disposed, and kills it after its grace', async () => {
    const { clock, processes, worker, told } = scene({ endGraceMs: 300 });
    processes.ready();
    const disposed = worker[Symbol.asyncDispose]();
    expect([processes.disconnects, worker.send('late')]).toEqual([1, 'dropped']);
    clock.advance(300);
    await disposed;
    expect(processes.kills).toBe(1);
    expect(told.at(-1)).toEqual(['exit', 'disposed', undefined]);
    expect([clock.pending, processes.started.length]).toEqual([0, 1]);
  });

  it('does not start again once disposed between two starts', async () => {
    const { clock, processes, worker } = scene();
    processes.ready();
    processes.crash();
    await worker[Symbol.asyncDispose]();
    clock.advance(60_000);
    expect(processes.started).toHaveLength(1);
  });
});
