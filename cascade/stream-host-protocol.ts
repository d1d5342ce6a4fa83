import type { WorkerEnvelope } from '../ingest/index.ts';
import type { ToStreamWorker } from './stream-protocol.ts';

/** To a process that hosts several programs. */
export type ToStreamHost =
  /** So many programs read a stream: nothing of it is decoded before all of them want some. */
  | { readonly type: 'readers'; readonly stream: number; readonly count: number }
  | {
      readonly type: 'message';
      readonly member: number;
      readonly stream: number;
      readonly message: ToStreamWorker;
    }
  /** The program is to end. */
  | { readonly type: 'leave'; readonly member: number };

/** From such a process: what a worker of the member's own would say. */
export interface FromStreamHost {
  readonly member: number;
  readonly envelope: WorkerEnvelope;
}
