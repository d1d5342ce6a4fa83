import type { FrameIndex, ShareBox } from '../ingest/index.ts';

/** A picture that the reference model looked at. */
export interface LookedAtPicture {
  /** Width in px; it may be squeezed, as the model wants it. */
  readonly width: number;
  readonly height: number;
  /** `(height, width)` uint8 gray or `(height, width, 3)` uint8 RGB, row-major. */
  readonly bytes: Uint8Array;
  /** Size in px of the frame that it shows. */
  readonly frameWidth: number;
  readonly frameHeight: number;
}

/** A picture and what to draw into it. */
export interface Still {
  readonly picture: LookedAtPicture;
  readonly boxes: readonly ShareBox[];
}

/** Where `events()` takes the pictures of its peak frames from. */
export interface EventPictures {
  /** The picture of a frame; null: the reference model saw nothing there. All earlier ones of the stream are let go. */
  take(stream: string, frame: FrameIndex): LookedAtPicture | null;
  /** Draws and encodes. @returns a JPEG file; null when it cannot be made. */
  encode(still: Still): Promise<Uint8Array | null>;
}

/** Most bytes of the pictures that wait for their events. */
const mostBytes = 64 * 2 ** 20;

interface Shelved {
  readonly stream: string;
  readonly frame: FrameIndex;
  readonly picture: LookedAtPicture;
  readonly score: number;
}

/**
 * Holds the pictures that the reference model saw something in, from its answer until `events()` has seen the decision: later by
 * half the smoothing and by what reads ahead. Where there is no room, those that show least go first.
 */
export class PictureShelf {
  readonly #shelved = new Map<string, Shelved>();
  readonly #mostBytes: number;
  #bytes = 0;

  /** @param most - Most bytes held. Default 64 MiB. */
  constructor(most: number = mostBytes) {
    this.#mostBytes = most;
  }

  /** Pictures held now. */
  get size(): number {
    return this.#shelved.size;
  }

  /** Puts a picture there. @param score - How sure the model was of what it saw best, 0–1. */
  put(stream: string, frame: FrameIndex, picture: LookedAtPicture, score: number): void {
    this.#remove(keyOf(stream, frame));
    this.#shelved.set(keyOf(stream, frame), { stream, frame, picture, score });
    this.#bytes += picture.bytes.length;
    while (this.#bytes > this.#mostBytes) {
      const [first, ...others] = this.#shelved.values();
      if (first === undefined) return;
      const least = others.reduce((worst, one) => (one.score < worst.score ? one : worst), first);
      this.#remove(keyOf(least.stream, least.frame));
    }
  }

  /** Takes a picture away, and lets go of all earlier ones of its stream. */
  take(stream: string, frame: FrameIndex): LookedAtPicture | null {
    const found = this.#shelved.get(keyOf(stream, frame))?.picture ?? null;
    for (const [key, one] of this.#shelved) if (one.stream === stream && one.frame <= frame) this.#remove(key);
    return found;
  }

  #remove(key: string): void {
    this.#bytes -= this.#shelved.get(key)?.picture.bytes.length ?? 0;
    this.#shelved.delete(key);
  }
}

function keyOf(stream: string, frame: FrameIndex): string {
  return `${frame} ${stream}`;
}
