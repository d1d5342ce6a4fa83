import type { ErrorRecord, OpenFootageOptions } from '../../ingest/index.ts';
import type { KafkaConnection } from '../../sinks/index.ts';

/** To a worker that writes footage to a topic. */
export type ToProduce =
  | {
      readonly type: 'produce';
      readonly footage: OpenFootageOptions;
      readonly connection: KafkaConnection;
      readonly topic: string;
      /** Frames to write; null: all. */
      readonly limit: number | null;
      /** Width in px to scale down to; null: as they are. */
      readonly width: number | null;
      /** Of the JPEG, 1–100. */
      readonly quality: number;
      /** Partitions of the topic that is made if it is not there; null: it must be there. */
      readonly partitions: number | null;
    }
  /** Write what was read, and end. */
  | { readonly type: 'stop' };

/** From it. */
export type FromProduce =
  | { readonly type: 'progress'; readonly frames: number; readonly frameCount: number }
  | { readonly type: 'done'; readonly frames: number; readonly bytes: number }
  | { readonly type: 'failed'; readonly error: ErrorRecord };
