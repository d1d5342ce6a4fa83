import type { Frame as AvFrame, Packet } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';
import { EventLoopTurn } from '../event-loop-turn.ts';
import type { FrameRange, GroupOfPictures } from '../footage.ts';
import type { Frame, FrameIndex } from '../frame.ts';
import type { NativeFrame } from './native-frame.ts';

/** A packet with its place in decode order. */
export interface HeldPacket {
  readonly ordinal: number;
  readonly packet: Packet;
}

/** A picture out of a decoder, to be wrapped or given back by whoever receives it. */
export interface DecodedPicture {
  readonly index: FrameIndex;
  readonly picture: AvFrame;
}

/** What a group asks of the reader that it came from. */
export interface GroupDecoder {
  /** Decodes packets and hands out the pictures from `first` to `last`, both inclusive. */
  decode(held: readonly HeldPacket[], first: FrameIndex, last: FrameIndex): Iterable<DecodedPicture>;
  /** Decodes a keyframe with smoothed edges between blocks. */
  exactKeyframe(held: readonly HeldPacket[], index: FrameIndex): NativeFrame | undefined;
  /** Makes a frame of a picture. */
  wrap(decoded: DecodedPicture): NativeFrame;
  /** Takes packets back. */
  release(held: readonly HeldPacket[]): void;
}

/** A group of pictures whose packets are held in memory of node-av. */
export class NativeGroup implements GroupOfPictures {
  readonly range: FrameRange;
  readonly #reader: GroupDecoder;
  readonly #held: readonly HeldPacket[];
  #keyframe: NativeFrame | undefined;
  #heldBytes = 0;
  #wasRead = false;
  #isDisposed = false;

  /** Takes over the packets; more may be added to the list until the group is sealed. */
  constructor(reader: GroupDecoder, range: FrameRange, held: readonly HeldPacket[]) {
    this.#reader = reader;
    this.range = range;
    this.#held = held;
  }

  /** Completes the group: its packets are all there. */
  seal(keyframe: NativeFrame | undefined): void {
    this.#keyframe = keyframe;
    for (const { packet } of this.#held) this.#heldBytes += packet.size;
  }

  get keyframe(): NativeFrame | undefined {
    this.#check();
    return this.#keyframe;
  }

  readonly exactKeyframe = (): NativeFrame | undefined => {
    this.#check();
    return this.#reader.exactKeyframe(this.#held, this.range.from);
  };

  get heldBytes(): number {
    return this.#isDisposed ? 0 : this.#heldBytes;
  }

  async *frames(): AsyncGenerator<Frame, void> {
    this.#check();
    const first = this.range.from + 1;
    if (this.#wasRead) throw ingestErrors.create('INGEST_GROUP_READ_TWICE', { index: this.range.from });
    this.#wasRead = true;
    if (first >= this.range.to) return;
    const turn = new EventLoopTurn();
    for (const decoded of this.#reader.decode(this.#held, first, this.range.to - 1)) {
      yield this.#reader.wrap(decoded);
      this.#check();
      if (turn.isDue) await turn.take();
    }
  }

  [Symbol.dispose](): void {
    this.#check();
    this.#isDisposed = true;
    if (this.#keyframe?.isDisposed === false) this.#keyframe[Symbol.dispose]();
    this.#keyframe = undefined;
    this.#reader.release(this.#held);
  }

  #check(): void {
    if (this.#isDisposed) throw ingestErrors.create('INGEST_GROUP_DISPOSED', { index: this.range.from });
  }
}
