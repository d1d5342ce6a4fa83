import { forkWorker, type WorkerLauncher, type WorkerProcess, type WorkerProcessEvents } from '../ingest/index.ts';
import type { FromStreamHost, ToStreamHost } from './stream-host-protocol.ts';

/** A place in a shared process, to be given to one {@link CascadeRun} as its launcher. */
export interface StreamHostMember extends Disposable {
  readonly launcher: WorkerLauncher;
}

/**
 * One stream worker process for several cascades over the same footage, which is then decoded once. They go through it side
 * by side: the slowest sets the pace. A death of the process is one for each of them, and each goes on where it was.
 */
export class StreamHost {
  #members: number;
  #nextMember = 0;
  #process: WorkerProcess | null = null;
  #isReady = false;
  readonly #started = new Map<number, WorkerProcessEvents>();

  /** @param members - Cascades that will join, each with one stream worker under the rule `every`; 1 or more. */
  constructor(members: number) {
    this.#members = members;
  }

  /** A place for one cascade; disposed when the cascade has ended, so that the others need not wait for it. */
  join(): StreamHostMember {
    const member = this.#nextMember++;
    let isHere = true;
    return {
      launcher: (_launch, events) => this.#launch(member, events),
      [Symbol.dispose]: () => {
        if (!isHere) return;
        isHere = false;
        this.#members--;
        this.#send({ type: 'members', count: this.#members });
      },
    };
  }

  #launch(member: number, events: WorkerProcessEvents): WorkerProcess {
    this.#started.set(member, events);
    this.#process ??= this.#fork();
    const process = this.#process;
    if (this.#isReady) queueMicrotask(() => events.onEnvelope({ kind: 'ready' }));
    const send: WorkerProcess['send'] = (message, onTaken) =>
      process.send({ type: 'message', member, message } as ToStreamHost, onTaken);
    return {
      pid: process.pid,
      send,
      disconnect: () => {
        this.#send({ type: 'leave', member });
        queueMicrotask(() => this.#exit(member, { code: 0, signal: null, outputTail: '' }));
      },
      kill: () => process.kill(),
    };
  }

  #fork(): WorkerProcess {
    this.#isReady = false;
    const file = new URL('./stream-host-worker.js', import.meta.url);
    return forkWorker(
      { file },
      {
        onEnvelope: envelope => {
          if (envelope.kind === 'message') this.#receive(envelope.message as FromStreamHost);
          else if (envelope.kind === 'ready') {
            this.#isReady = true;
            this.#send({ type: 'members', count: this.#members });
            for (const events of [...this.#started.values()]) events.onEnvelope(envelope);
          } else for (const events of [...this.#started.values()]) events.onEnvelope(envelope);
        },
        onExit: exit => {
          this.#process = null;
          this.#isReady = false;
          for (const member of [...this.#started.keys()]) this.#exit(member, exit);
        },
      },
    );
  }

  #receive({ member, envelope }: FromStreamHost): void {
    this.#started.get(member)?.onEnvelope(envelope);
    // Its program is gone; the others' go on.
    if (envelope.kind === 'failed') this.#exit(member, { code: 1, signal: null, outputTail: '' });
  }

  #exit(member: number, exit: Parameters<WorkerProcessEvents['onExit']>[0]): void {
    const events = this.#started.get(member);
    this.#started.delete(member);
    if (this.#started.size === 0) this.#process?.disconnect();
    events?.onExit(exit);
  }

  #send(message: ToStreamHost): void {
    if (this.#isReady) this.#process?.send(message, () => undefined);
  }
}
