import { forkWorker, type WorkerProcess, type WorkerProcessEvents } from '../ingest/index.ts';
import type { FromStreamHost, ToStreamHost } from './stream-host-protocol.ts';

/** A program in a process that it shares with others. */
export interface SharedProgram {
  readonly member: number;
  /** Those of one stream decode together. */
  readonly stream: number;
}

/** What happens to a shared process. */
export interface SharedProcessEvents {
  /** Programs that will read a stream. */
  readersOf(stream: number): number;
  /** It takes no more programs: the last one has left, or it has died. */
  onEnd(hasDied: boolean): void;
}

/** One worker process that several programs share: each sees it as a process of its own. */
export class SharedProcess {
  readonly #events: SharedProcessEvents;
  readonly #process: WorkerProcess;
  readonly #programs = new Map<number, { readonly stream: number; readonly events: WorkerProcessEvents }>();
  #isReady = false;
  #hasEnded = false;

  /** Starts the process. */
  constructor(events: SharedProcessEvents) {
    this.#events = events;
    this.#process = forkWorker(
      { file: new URL('./stream-host-worker.js', import.meta.url) },
      {
        onEnvelope: envelope => {
          if (envelope.kind === 'message') this.#receive(envelope.message as FromStreamHost);
          else {
            if (envelope.kind === 'ready') this.#ready();
            for (const program of [...this.#programs.values()]) program.events.onEnvelope(envelope);
          }
        },
        onExit: exit => {
          this.#end(true);
          for (const member of [...this.#programs.keys()]) this.#exit(member, exit);
        },
      },
    );
  }

  /** Takes one more program in. */
  launch({ member, stream }: SharedProgram, events: WorkerProcessEvents): WorkerProcess {
    this.#programs.set(member, { stream, events });
    if (this.#isReady) {
      this.tellReaders(stream);
      queueMicrotask(() => events.onEnvelope({ kind: 'ready' }));
    }
    return {
      pid: this.#process.pid,
      send: (message, onTaken) =>
        this.#process.send({ type: 'message', member, stream, message } as ToStreamHost, onTaken),
      disconnect: () => {
        this.#send({ type: 'leave', member });
        queueMicrotask(() => this.#exit(member, { code: 0, signal: null, outputTail: '' }));
      },
      kill: () => this.#process.kill(),
    };
  }

  /** Tells the process how many programs will read a stream now. */
  tellReaders(stream: number): void {
    this.#send({ type: 'readers', stream, count: this.#events.readersOf(stream) });
  }

  #ready(): void {
    this.#isReady = true;
    const streams = new Set([...this.#programs.values()].map(({ stream }) => stream));
    for (const stream of streams) this.tellReaders(stream);
  }

  #receive({ member, envelope }: FromStreamHost): void {
    this.#programs.get(member)?.events.onEnvelope(envelope);
    // Its program is gone; the others' go on.
    if (envelope.kind === 'failed') this.#exit(member, { code: 1, signal: null, outputTail: '' });
  }

  #exit(member: number, exit: Parameters<WorkerProcessEvents['onExit']>[0]): void {
    const program = this.#programs.get(member);
    this.#programs.delete(member);
    if (this.#programs.size === 0 && !this.#hasEnded) {
      this.#end(false);
      this.#process.disconnect();
    }
    program?.events.onExit(exit);
  }

  #end(hasDied: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.onEnd(hasDied);
  }

  #send(message: ToStreamHost): void {
    if (this.#isReady) this.#process.send(message, () => undefined);
  }
}
