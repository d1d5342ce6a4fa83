import type { CameraOptions, DecoderName, KafkaStart, LiveOptions } from '../../ingest/index.ts';
import type { KafkaConnection } from '../../sinks/index.ts';
import type { FrameItem } from '../frame-item.ts';

/** An encoded image with its media time. */
export interface EncodedFrame {
  /** Bytes of a whole JPEG or PNG file. */
  readonly image: Uint8Array;
  /** Media time in µs, an integer, not less than that of the frame before. */
  readonly timestampUs: number;
}

/** Where frames come from. Everything but functions and iterables is plain data. */
export type SourceDescription =
  /** A video file: every frame, the reader waits; or, when `live`, as a camera would send it. */
  | {
      readonly kind: 'file';
      readonly stream: string;
      readonly path: string;
      readonly decoder: DecoderName;
      /** Stream workers that share the file, cut at keyframes; 1 or more. */
      readonly workers: number;
      /** Played at its own times, frames dropped by these rules; null: as fast as they are taken. */
      readonly live: LiveOptions | null;
    }
  /** A folder or glob pattern of images: every image, the reader waits. */
  | {
      readonly kind: 'images';
      readonly stream: string;
      readonly path: string;
      readonly decoder: DecoderName;
      /** Frames per second that the images are given, above 0. */
      readonly frameRateFps: number;
    }
  /** Images in memory; live ones are dropped by rule when the consumer is slow. */
  | {
      readonly kind: 'frames';
      readonly stream: string;
      readonly images: Iterable<EncodedFrame> | AsyncIterable<EncodedFrame>;
      readonly live: LiveOptions | null;
    }
  /** A camera, kept connected: frames arrive when they like, and are dropped by rule when there is no time for them. */
  | {
      readonly kind: 'camera';
      readonly stream: string;
      /** Without the name of the stream. */
      readonly camera: CameraOptions;
      readonly live: LiveOptions;
    }
  /** Records of a topic of Kafka that hold frames of many streams; the reader waits. */
  | {
      readonly kind: 'kafka';
      /** Name of the topic: what its frames have in common. */
      readonly stream: string;
      readonly topic: string;
      readonly connection: KafkaConnection;
      readonly group: string;
      readonly from: KafkaStart;
      /** Name of this process that its successor has too; null: none. */
      readonly instance: string | null;
      readonly sessionTimeoutMs: number;
      /** Folder of files that records may name; null: none. */
      readonly claimCheckFolder: string | null;
      /** Whether it ends when everything is read that was there at the start. */
      readonly stopAtEnd: boolean;
    }
  /** One frame at a time, by `execute()`. */
  | {
      readonly kind: 'request';
      readonly stream: string;
      /** Time in which each wants its answer in ms; null: it may take any. */
      readonly sloMs: number | null;
      /** The label when there was no time; null: what the cheap stage holds likely. */
      readonly default: boolean | null;
    };

/** The start of a pipeline: what it will read, not opened yet. */
export interface Source<Item = FrameItem> {
  readonly description: SourceDescription;
  /** Never set: says what flows out of the source. */
  readonly item?: Item;
}

/** Whether a source goes on by itself, whoever listens. */
export function isLive(source: SourceDescription): boolean {
  return 'live' in source && source.live !== null;
}
