import {
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_DISCARD,
  AV_PKT_FLAG_KEY,
  AVERROR_EOF,
  AVSEEK_FLAG_BACKWARD,
} from 'node-av/constants';
import { type FormatContext, Packet, type Stream } from 'node-av/lib';
import { HIDDEN_PACKET, KEY_PACKET, type PacketColumns } from '../packet-table.ts';
import { openContainer } from './open-container.ts';

/** After this many failed reads in a row the rest of a damaged file is given up. */
const READ_ERRORS_IN_A_ROW = 100;

const NO_TIME = Number(AV_NOPTS_VALUE);

/**
 * The packets of one video stream, addressed by ordinal (place in decode order, from 0). Any reader may take any
 * ordinal: reading on is free, going back seeks and finds its place again by decode time and file position.
 */
export class VideoInput implements Disposable {
  readonly #path: string;
  #format: FormatContext;
  #streamIndex: number;
  #nextOrdinal = 0;
  #dts: Float64Array = new Float64Array(0);
  #positions: Float64Array = new Float64Array(0);
  #sizes: Uint32Array = new Uint32Array(0);
  #seekTimes: Float64Array = new Float64Array(0);
  #keyOrdinals: readonly number[] = [];
  #ahead: Packet | undefined;
  #isAhead = false;

  /** Takes over an opened container. */
  constructor(path: string, format: FormatContext, streamIndex: number) {
    this.#path = path;
    this.#format = format;
    this.#streamIndex = streamIndex;
  }

  /** The stream whose packets are read. */
  get stream(): Stream {
    const stream = this.#format.streams[this.#streamIndex];
    if (stream === undefined) throw new Error(`stream ${this.#streamIndex} is gone from ${this.#path}`);
    return stream;
  }

  /** Name of the container format. */
  get container(): string {
    return this.#format.iformat?.name ?? 'unknown';
  }

  /** All streams of the container. */
  get streams(): readonly Stream[] {
    return this.#format.streams;
  }

  /** Reads all packets once, keeps where they lie, and goes back to the start. */
  scan(packet: Packet): PacketColumns {
    const pts: number[] = [];
    const dts: number[] = [];
    const sizes: number[] = [];
    const flags: number[] = [];
    const positions: number[] = [];
    const keys: number[] = [];
    const { timeBase, codecpar } = this.stream;
    let lastDuration = 0;
    while (this.#readOne(packet)) {
      const packetFlags = packet.flags;
      const isKey = (packetFlags & AV_PKT_FLAG_KEY) !== 0;
      if (isKey) keys.push(pts.length);
      pts.push(ticks(packet.pts));
      dts.push(ticks(packet.dts));
      sizes.push(packet.size);
      flags.push((isKey ? KEY_PACKET : 0) | (packetFlags & AV_PKT_FLAG_DISCARD ? HIDDEN_PACKET : 0));
      positions.push(Number(packet.pos));
      if ((packetFlags & AV_PKT_FLAG_DISCARD) === 0) lastDuration = Number(packet.duration);
      packet.unref();
    }
    this.#nextOrdinal = pts.length;
    this.#dts = Float64Array.from(dts);
    this.#positions = Float64Array.from(positions);
    this.#sizes = Uint32Array.from(sizes);
    this.#seekTimes = this.#dts.map((tick, at) => (Number.isNaN(tick) ? (pts[at] ?? tick) : tick));
    this.#keyOrdinals = keys;
    const reorderDelay = codecpar.videoDelay;
    return { pts, dts, sizes, flags, timeBase, lastDuration, reorderDelay };
  }

  /**
   * Reads the packet of an ordinal, which the caller then owns.
   * @returns Whether there was one; false at the end of the file.
   */
  read(ordinal: number, packet: Packet): boolean {
    if (ordinal !== this.#nextOrdinal && !this.#moveTo(ordinal, packet)) return false;
    if (!this.#readOne(packet)) return false;
    this.#nextOrdinal = ordinal + 1;
    return true;
  }

  [Symbol.dispose](): void {
    this.#ahead?.free();
    this.#ahead = undefined;
    this.#format.closeInputSync();
  }

  #readOne(packet: Packet): boolean {
    if (this.#isAhead && this.#ahead !== undefined) {
      this.#isAhead = false;
      packet.ref(this.#ahead);
      this.#ahead.unref();
      return true;
    }
    return this.#demuxOne(packet);
  }

  #demuxOne(packet: Packet): boolean {
    for (let errors = 0; errors < READ_ERRORS_IN_A_ROW; ) {
      const code = this.#format.readFrameSync(packet);
      if (code === AVERROR_EOF) return false;
      if (code < 0) errors++;
      else if (packet.streamIndex === this.#streamIndex) return true;
      else packet.unref();
    }
    return false;
  }

  #moveTo(ordinal: number, packet: Packet): boolean {
    const key = this.#keyAtOrBefore(ordinal);
    if (this.#nextOrdinal > ordinal || this.#nextOrdinal < key) {
      if (!this.#seek(key) || this.#nextOrdinal > ordinal) this.#reopen();
    }
    while (this.#nextOrdinal < ordinal) {
      if (!this.#readOne(packet)) return false;
      packet.unref();
      this.#nextOrdinal++;
    }
    return true;
  }

  /** Seeks to a keyframe or before it; afterwards the next ordinal is known, or false comes back. */
  #seek(key: number): boolean {
    const time = this.#seekTimes[key] ?? Number.NaN;
    this.#dropAhead();
    if (Number.isNaN(time)) return false;
    if (this.#format.seekFrameSync(this.#streamIndex, BigInt(time), AVSEEK_FLAG_BACKWARD) < 0) return false;
    // Where the seek has led shows in the packets themselves; the one that tells is kept for the next read.
    const ahead = this.#aheadPacket();
    while (this.#demuxOne(ahead)) {
      const found = this.#locate(ahead, key);
      if (found >= 0) {
        this.#isAhead = true;
        this.#nextOrdinal = found;
        return found <= key;
      }
      ahead.unref();
    }
    return false;
  }

  /** Goes back to the first packet the sure way. */
  #reopen(): void {
    this.#dropAhead();
    this.#format.closeInputSync();
    const { format, streamIndex } = openContainer(this.#path);
    this.#format = format;
    this.#streamIndex = streamIndex;
    this.#nextOrdinal = 0;
  }

  #aheadPacket(): Packet {
    if (this.#ahead === undefined) {
      this.#ahead = new Packet();
      this.#ahead.alloc();
    }
    return this.#ahead;
  }

  #dropAhead(): void {
    if (this.#isAhead) this.#ahead?.unref();
    this.#isAhead = false;
  }

  /** Ordinal of a keyframe's packet, looked for from a keyframe backward and then onward; -1 when unknown. */
  #locate(packet: Packet, near: number): number {
    if ((packet.flags & AV_PKT_FLAG_KEY) === 0) return -1;
    const dts = ticks(packet.dts);
    const [position, size] = [Number(packet.pos), packet.size];
    // Some demuxers guess decode times anew after a seek: the size tells neighbors apart.
    const isHere = (ordinal: number): boolean =>
      this.#sizes[ordinal] === size && this.#positions[ordinal] === position && Object.is(this.#dts[ordinal], dts);
    const from = this.#keyOrdinals.indexOf(near);
    for (let at = from; at >= 0; at--) if (isHere(this.#keyOrdinals[at] ?? 0)) return this.#keyOrdinals[at] ?? 0;
    return this.#keyOrdinals.slice(from + 1).find(isHere) ?? -1;
  }

  #keyAtOrBefore(ordinal: number): number {
    let low = 0;
    let high = this.#keyOrdinals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keyOrdinals[middle] ?? 0) <= ordinal) low = middle + 1;
      else high = middle;
    }
    return this.#keyOrdinals[low - 1] ?? 0;
  }
}

function ticks(time: bigint): number {
  const value = Number(time);
  return value === NO_TIME ? Number.NaN : value;
}
