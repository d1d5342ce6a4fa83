import { AV_NOPTS_VALUE, AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import { type Frame as AvFrame, type CodecContext, Packet } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';
import { EventLoopTurn } from '../event-loop-turn.ts';
import type { FrameRange } from '../footage.ts';
import type { Frame, FrameIndex } from '../frame.ts';
import { keyframeAtOrBefore } from '../packet-table.ts';
import { flushDecoder } from './flush-decoder.ts';
import { isDamaged } from './frame-store.ts';
import type { NativeFootageParts } from './native-footage-parts.ts';
import { openDecoder } from './open-decoder.ts';

/** A decoder that fails this often without a single picture in between is given up; damage that lasts for a minute. */
const MOST_ERRORS_IN_A_ROW = 1500;

/**
 * Decodes ranges of frames one after another, going on where the last one ended.
 *
 * Each packet is sent with the index of its frame as its presentation time, so every picture that comes out says which
 * frame it is, whatever the container's times are worth.
 */
export class FrameReader implements Disposable {
  readonly #parts: NativeFootageParts;
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  /** Receives the next picture; handed over with a wanted frame. */
  #picture: AvFrame;
  /** Next packet to send. */
  #nextOrdinal = 0;
  /** Index after the last frame that came out or was passed; -1 before the first range. */
  #expected = -1;
  /** Index of the picture in `#picture` that came out beyond the end of the last range; -1 when there is none. */
  #pending = -1;
  /** Keyframe that decoding started at: damage before it comes of starting there. */
  #startIndex = 0;
  #lastIndex = -1;
  #isDraining = false;
  /** Set by refused packets: their decoder may stay confused far beyond the next keyframe. */
  #isSuspect = false;
  /** While a suspect decoder gives out its last pictures; the keyframe's packet is held in `#packet`. */
  #isRestarting = false;
  #errorsInARow = 0;
  #owner: object | undefined;
  #isClosed = false;

  constructor(parts: NativeFootageParts) {
    this.#parts = parts;
    this.#context = openDecoder(parts.input.stream, { path: parts.path, threads: parts.threads, parallel: 'frames' });
    this.#packet.alloc();
    this.#picture = parts.store.take();
  }

  /** Frames of a range, in presentation order; each is owned by the caller. */
  async *frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncGenerator<Frame, void> {
    const turn = new EventLoopTurn();
    const self = {};
    let from = range.from;
    while (from < range.to) {
      if (this.#isClosed) throw ingestErrors.create('INGEST_FOOTAGE_CLOSED', { path: this.#parts.path });
      if (this.#owner !== self) {
        this.#moveTo(from);
        this.#owner = self;
      }
      const index = this.#next(from, range.to);
      if (index < 0) return;
      from = index + 1;
      if (wanted(index)) yield this.#handOver(index);
      else this.#picture.unref();
      if (turn.isDue) await turn.take();
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#parts.store.giveBack(this.#picture);
    this.#packet.free();
    this.#context.freeContext();
  }

  #handOver(index: FrameIndex): Frame {
    const frame = this.#parts.store.wrap(this.#picture, index);
    this.#picture = this.#parts.store.take();
    return frame;
  }

  #moveTo(from: FrameIndex): void {
    const { table } = this.#parts;
    const key = keyframeAtOrBefore(table.frames, from);
    const ordinal = key < 0 ? 0 : (table.keyOrdinals[key] ?? 0);
    const isOnTheWay = this.#expected >= 0 && this.#expected <= from && ordinal < this.#nextOrdinal;
    if (isOnTheWay) return;
    this.#picture.unref();
    this.#packet.unref();
    flushDecoder(this.#context, this.#picture);
    this.#nextOrdinal = ordinal;
    this.#startIndex = key < 0 ? 0 : (table.frames.keyframes[key] ?? 0);
    this.#expected = this.#startIndex;
    this.#pending = -1;
    this.#lastIndex = -1;
    this.#isDraining = false;
    this.#isSuspect = false;
    this.#isRestarting = false;
    this.#errorsInARow = 0;
  }

  /** Decodes up to the next frame of a range and leaves it in `#picture`; -1 when the range holds no more. */
  #next(from: FrameIndex, to: FrameIndex): FrameIndex | -1 {
    for (;;) {
      const index = this.#pending >= 0 ? this.#pending : this.#decodeOne();
      if (index < 0) return -1;
      this.#pending = -1;
      if (index >= to) {
        this.#pending = index;
        return -1;
      }
      if (index < from) {
        this.#picture.unref();
        continue;
      }
      this.#expected = index + 1;
      if (isDamaged(this.#picture)) this.#parts.damage.concealedFrames++;
      return index;
    }
  }

  #decodeOne(): FrameIndex | -1 {
    for (;;) {
      const code = this.#context.receiveFrameSync(this.#picture);
      if (code >= 0) {
        const index = this.#indexOfPicture();
        if (index !== this.#lastIndex) {
          this.#lastIndex = index;
          this.#errorsInARow = 0;
          return index;
        }
        this.#picture.unref();
        continue;
      }
      if (code === AVERROR_EOF && !this.#isRestarting) return -1;
      if (code !== AVERROR_EAGAIN && code !== AVERROR_EOF) {
        this.#refuse();
        if (++this.#errorsInARow > MOST_ERRORS_IN_A_ROW) return -1;
      }
      if (code === AVERROR_EOF) this.#restart();
      else if (!this.#isDraining && !this.#isRestarting) this.#read();
    }
  }

  #read(): void {
    const { input } = this.#parts;
    if (!input.read(this.#nextOrdinal, this.#packet)) {
      this.#context.sendPacketSync(null);
      this.#isDraining = true;
      return;
    }
    this.#nextOrdinal++;
    if (this.#isSuspect && this.#packet.isKeyframe) {
      this.#context.sendPacketSync(null);
      this.#isRestarting = true;
      return;
    }
    this.#send();
  }

  /** Sends the packet of the ordinal before the next. */
  #send(): void {
    const { table } = this.#parts;
    const index = table.indexOf[this.#nextOrdinal - 1] ?? -1;
    this.#packet.pts = table.countsEmissions ? AV_NOPTS_VALUE : BigInt(index);
    const code = this.#context.sendPacketSync(this.#packet);
    if (code < 0 && code !== AVERROR_EAGAIN && index >= this.#startIndex) this.#refuse();
    this.#packet.unref();
  }

  #refuse(): void {
    this.#parts.damage.refusedPackets++;
    this.#isSuspect = true;
  }

  /** Begins anew with the keyframe that was held back. */
  #restart(): void {
    flushDecoder(this.#context, this.#picture);
    this.#isRestarting = false;
    this.#isSuspect = false;
    this.#errorsInARow = 0;
    this.#send();
  }

  #indexOfPicture(): FrameIndex {
    const time = this.#picture.pts;
    if (time !== AV_NOPTS_VALUE) return Number(time);
    return Math.max(this.#lastIndex + 1, this.#startIndex);
  }
}
