import { fork, type Serializable } from 'node:child_process';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OutputTail } from './output-tail.ts';
import type { ErrorRecord } from './saccade-error.ts';

/** Time given to the last output of an ended process in ms: its own children may hold the pipe open for longer. */
const LAST_OUTPUT_MS = 500;

/** What a worker process says to its supervisor: that it is ready, a message of its owner's, or why it cannot go on. */
export type WorkerEnvelope =
  | { readonly kind: 'ready' }
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };

/** How to start a worker process. */
export interface WorkerLaunch {
  /** JavaScript file that calls `serveWorker`. */
  readonly file: URL;
  /** Arguments after the file; default none. */
  readonly args?: readonly string[];
  /** Arguments of Node itself, such as `--expose-gc`; those of this process are not inherited. Default none. */
  readonly nodeArgs?: readonly string[];
  /** Environment beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What happens to a worker process. */
export interface WorkerProcessEvents {
  onEnvelope(envelope: WorkerEnvelope): void;
  /** Called once, also when the process could not be started at all (code and signal are then null). */
  onExit(exit: {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly outputTail: string;
  }): void;
}

/** A started worker process. */
export interface WorkerProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /**
   * Sends a message.
   * @param onTaken - Called when the channel has taken it over, or will never take it.
   * @returns False when the channel holds more than it likes to.
   */
  send(message: unknown, onTaken: () => void): boolean;
  /** Closes the channel, upon which the process ends by itself. */
  disconnect(): void;
  /** Ends the process without asking it. */
  kill(): void;
}

/** Starts a process; replaced in tests. */
export type WorkerLauncher = (launch: WorkerLaunch, events: WorkerProcessEvents) => WorkerProcess;

/** Starts a worker as a child process of Node whose output goes nowhere but into the tail. */
export const forkWorker: WorkerLauncher = (launch, events) => {
  const child = fork(fileURLToPath(launch.file), launch.args ?? [], {
    execArgv: [...(launch.nodeArgs ?? [])],
    env: { ...process.env, ...launch.env },
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const tail = new OutputTail();
  const outputs = [child.stdout, child.stderr].filter(output => output !== null);
  for (const output of outputs) tail.drain(output);
  let hasEnded = false;
  const end = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (hasEnded) return;
    hasEnded = true;
    events.onExit({ code, signal, outputTail: tail.text });
  };
  // 'close' would come after all output was read, but not at all after a disconnect (Node 20.20).
  child.on('exit', (code, signal) => {
    const read = Promise.allSettled(outputs.map(output => finished(output)));
    void Promise.race([read, delay(LAST_OUTPUT_MS)]).then(() => end(code, signal));
  });
  child.on('error', error => {
    tail.add(Buffer.from(`${error.message}\n`));
    if (child.pid === undefined) end(null, null);
  });
  child.on('message', message => events.onEnvelope(message as WorkerEnvelope));
  return {
    pid: child.pid,
    send(message, onTaken) {
      if (child.connected) return child.send(message as Serializable, () => onTaken());
      onTaken();
      return false;
    },
    disconnect() {
      if (child.connected) child.disconnect();
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
};
