import { ingestErrors } from '../errors.ts';
import { EventLoopTurn } from '../event-loop-turn.ts';
import type { FrameRange, GroupOfPictures } from '../footage.ts';
import type { Frame } from '../frame.ts';
import type { GroupReader, HeldPacket } from './group-reader.ts';
import type { NativeFrame } from './native-frame.ts';

/** A group of pictures whose packets are held in memory of node-av. */
export class NativeGroup implements GroupOfPictures {
  readonly range: FrameRange;
  readonly #reader: GroupReader;
  readonly #held: readonly HeldPacket[];
  #keyframe: NativeFrame | undefined;
  #heldBytes = 0;
  #wasRead = false;
  #isDisposed = false;

  /** Takes over the packets; more may be added to the list until the group is sealed. */
  constructor(reader: GroupReader, range: FrameRange, held: readonly HeldPacket[]) {
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
