import { AV_NOPTS_VALUE, AVERROR_EAGAIN } from 'node-av/constants';
import { type CodecContext, Packet } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';
import { EventLoopTurn } from '../event-loop-turn.ts';
import type { FrameRange, GroupOfPictures } from '../footage.ts';
import type { FrameIndex } from '../frame.ts';
import { keyframeAtOrBefore } from '../packet-table.ts';
import { flushDecoder } from './flush-decoder.ts';
import { isDamaged } from './frame-store.ts';
import type { NativeFootageParts } from './native-footage-parts.ts';
import type { NativeFrame } from './native-frame.ts';
import { type DecodedPicture, type GroupDecoder, type HeldPacket, NativeGroup } from './native-group.ts';
import { type DecoderSettings, openDecoder } from './open-decoder.ts';

/** Empty packets kept for reuse: about the largest usual group (10 s at 25 frames per second). */
const MOST_SPARE_PACKETS = 256;

/**
 * Decodes keyframes alone and holds the packets between them.
 *
 * The decoder of the keyframes is drained and flushed after each, so that its picture comes out at once: no slower than
 * low delay or letting the pictures queue up. It leaves the edges between blocks as they are, which saves a fifth of the
 * time (measured on one-by-one.mp4) and shows little once a picture is scaled far down; nothing refers to its pictures, so
 * the error goes no further. Groups that are decoded whole, and keyframes that must be exact, borrow decoders of their own.
 */
export class GroupReader implements GroupDecoder, Disposable {
  readonly #parts: NativeFootageParts;
  readonly #keyframes: CodecContext;
  readonly #idle: CodecContext[] = [];
  readonly #sparePackets: Packet[] = [];
  #isClosed = false;

  constructor(parts: NativeFootageParts) {
    this.#parts = parts;
    this.#keyframes = this.#open({ parallel: 'slices', deblocks: false });
  }

  /** Groups whose keyframes lie in a range; each is owned by the caller. */
  async *groups(range: FrameRange): AsyncGenerator<GroupOfPictures, void> {
    const { table } = this.#parts;
    const { keyframes, timestampsUs } = table.frames;
    const turn = new EventLoopTurn();
    let carried: HeldPacket[] = [];
    try {
      for (let at = keyframeAtOrBefore(table.frames, range.from); at < keyframes.length; at++) {
        const from = keyframes[at] ?? 0;
        if (from >= range.to) return;
        this.#check();
        const held = carried;
        carried = [];
        const nextKey = table.keyOrdinals[at + 1] ?? table.indexOf.length;
        const hasLeading = (table.leadingEnds[at + 1] ?? 0) > nextKey + 1;
        const end = hasLeading ? (table.leadingEnds[at + 1] ?? nextKey) : nextKey;
        const group = this.#group({ from, to: keyframes[at + 1] ?? timestampsUs.length }, held);
        try {
          this.#hold(held, (held.at(-1)?.ordinal ?? (table.keyOrdinals[at] ?? 0) - 1) + 1, end);
          carried = held.filter(({ ordinal }) => ordinal >= nextKey).map(one => this.#share(one));
          group.seal(this.#decodeKeyframe(held, from));
        } catch (error) {
          group[Symbol.dispose]();
          throw error;
        }
        yield group;
        if (turn.isDue) await turn.take();
      }
    } finally {
      this.release(carried);
    }
  }

  /** Gives packets back for reuse. */
  release(held: readonly HeldPacket[]): void {
    for (const { packet } of held) {
      if (this.#isClosed || this.#sparePackets.length >= MOST_SPARE_PACKETS) {
        packet.free();
        continue;
      }
      packet.unref();
      this.#sparePackets.push(packet);
    }
  }

  /** Wraps the picture of a group's frame. */
  wrap(decoded: DecodedPicture): NativeFrame {
    return this.#parts.store.wrap(decoded.picture, decoded.index);
  }

  /** Decodes packets in a decoder of their own and hands out the pictures from `first` to `last`, both inclusive. */
  *decode(held: readonly HeldPacket[], first: FrameIndex, last: FrameIndex): Generator<DecodedPicture, void> {
    this.#check();
    const context = this.#idle.pop() ?? this.#open({ parallel: 'frames', deblocks: true });
    try {
      yield* this.#decodeIn(context, held, { first, last, damage: this.#parts.damage });
    } finally {
      if (this.#isClosed) context.freeContext();
      else {
        this.#flush(context);
        this.#idle.push(context);
      }
    }
  }

  /** Decodes a keyframe with smoothed edges between blocks; its damage is counted already. */
  exactKeyframe(held: readonly HeldPacket[], index: FrameIndex): NativeFrame | undefined {
    this.#check();
    const context = this.#idle.pop() ?? this.#open({ parallel: 'frames', deblocks: true });
    try {
      const options = { first: index, last: index, damage: { refusedPackets: 0, concealedFrames: 0 } };
      for (const decoded of this.#decodeIn(context, this.#upTo(held, index), options)) return this.wrap(decoded);
      return undefined;
    } finally {
      this.#flush(context);
      this.#idle.push(context);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#keyframes.freeContext();
    for (const context of this.#idle.splice(0)) context.freeContext();
    for (const packet of this.#sparePackets.splice(0)) packet.free();
  }

  #check(): void {
    if (this.#isClosed) throw ingestErrors.create('INGEST_FOOTAGE_CLOSED', { path: this.#parts.path });
  }

  #flush(context: CodecContext): void {
    const picture = this.#parts.store.take();
    flushDecoder(context, picture);
    this.#parts.store.giveBack(picture);
  }

  #group(range: FrameRange, held: readonly HeldPacket[]): NativeGroup {
    return new NativeGroup(this, range, held);
  }

  #open(settings: Pick<DecoderSettings, 'parallel' | 'deblocks'>): CodecContext {
    const { path, threads, input } = this.#parts;
    return openDecoder(input.stream, { path, threads, ...settings });
  }

  #hold(held: HeldPacket[], from: number, to: number): void {
    for (let ordinal = from; ordinal < to; ordinal++) {
      const packet = this.#takePacket();
      if (!this.#parts.input.read(ordinal, packet)) {
        this.#sparePackets.push(packet);
        return;
      }
      held.push({ ordinal, packet });
    }
  }

  #share({ ordinal, packet }: HeldPacket): HeldPacket {
    const copy = this.#takePacket();
    copy.ref(packet);
    return { ordinal, packet: copy };
  }

  #takePacket(): Packet {
    const spare = this.#sparePackets.pop();
    if (spare !== undefined) return spare;
    const packet = new Packet();
    packet.alloc();
    return packet;
  }

  #decodeKeyframe(held: readonly HeldPacket[], index: FrameIndex): NativeFrame | undefined {
    const options = { first: index, last: index, damage: this.#parts.damage };
    try {
      for (const decoded of this.#decodeIn(this.#keyframes, this.#upTo(held, index), options))
        return this.wrap(decoded);
    } finally {
      this.#flush(this.#keyframes);
    }
    return undefined;
  }

  /** The packets that a keyframe's picture needs. */
  #upTo(held: readonly HeldPacket[], index: FrameIndex): readonly HeldPacket[] {
    const { indexOf } = this.#parts.table;
    return held.slice(0, held.findIndex(({ ordinal }) => indexOf[ordinal] === index) + 1);
  }

  *#decodeIn(
    context: CodecContext,
    held: readonly HeldPacket[],
    { first, last, damage }: DecodeOptions,
  ): Generator<DecodedPicture, void> {
    const { table, store } = this.#parts;
    let emitted = table.indexOf[held[0]?.ordinal ?? 0] ?? first;
    let next = first;
    let picture = store.take();
    try {
      for (let at = 0; at <= held.length; at++) {
        const one = held[at];
        const index = one === undefined ? -1 : (table.indexOf[one.ordinal] ?? -1);
        if (one !== undefined) one.packet.pts = table.countsEmissions ? AV_NOPTS_VALUE : BigInt(index);
        const sent = context.sendPacketSync(one?.packet ?? null);
        if (one !== undefined && sent < 0 && sent !== AVERROR_EAGAIN && index >= first && index <= last) {
          damage.refusedPackets++;
        }
        while (context.receiveFrameSync(picture) >= 0) {
          const time = picture.pts;
          const found = time === AV_NOPTS_VALUE ? emitted++ : Number(time);
          // A damaged stream may also give out pictures in the wrong order; those that come too late are left out.
          if (found < next || found > last) {
            picture.unref();
            continue;
          }
          if (isDamaged(picture)) damage.concealedFrames++;
          next = found + 1;
          const decoded = { index: found, picture };
          picture = store.take();
          yield decoded;
        }
      }
    } finally {
      store.giveBack(picture);
    }
  }
}

interface DecodeOptions {
  /** First frame to hand out. */
  readonly first: FrameIndex;
  /** Last frame to hand out, inclusive. */
  readonly last: FrameIndex;
  /** Where damage is counted. */
  readonly damage: { refusedPackets: number; concealedFrames: number };
}
