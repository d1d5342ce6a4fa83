import type { CodecContext } from 'node-av/lib';
import type { ArrivedPicture, DecodingTally } from '../camera/camera-connection.ts';
import { FrameStore, isDamaged } from './frame-store.ts';
import { NativeCameraFrame } from './native-frame.ts';

/** Packets whose times are kept: more than a decoder ever holds back. */
const mostExpected = 64;

interface PacketTimes {
  readonly receivedUs: number;
  readonly sentUs: number | null;
}

/** The pictures that come out of a camera's decoders, with the times of their packets. */
export class CameraPictures implements Disposable {
  readonly #tally: DecodingTally;
  readonly #store: FrameStore;
  readonly #times = new Map<number, PacketTimes>();
  #nextPacket = 0;

  /** @param tally - Counts pictures whose damage was concealed. */
  constructor(streamId: string, tally: DecodingTally) {
    this.#store = new FrameStore({ streamId, timestampsUs: new Float64Array(0), rotationDegrees: 0 });
    this.#tally = tally;
  }

  /**
   * Notes a packet that is about to be decoded.
   * @returns its number, which the decoder is to be given as its presentation time, so that its picture comes with it.
   */
  expect(sentUs: number | null): number {
    const number = this.#nextPacket++;
    this.#times.set(number, { receivedUs: nowUs(), sentUs });
    this.#times.delete(number - mostExpected);
    return number;
  }

  /** Takes what a decoder has finished. */
  receive(context: CodecContext): ArrivedPicture[] {
    const arrived: ArrivedPicture[] = [];
    for (;;) {
      const store = this.#store;
      const picture = store.take();
      if (context.receiveFrameSync(picture) < 0) {
        store.giveBack(picture);
        return arrived;
      }
      const damaged = isDamaged(picture);
      if (damaged) this.#tally.concealedFrames++;
      const { width, height, pts } = picture;
      arrived.push({
        width,
        height,
        ...(this.#times.get(Number(pts)) ?? { receivedUs: nowUs(), sentUs: null }),
        wrap: facts => new NativeCameraFrame(store, picture, { ...facts, rotationDegrees: 0, damaged }),
        drop: () => store.giveBack(picture),
      });
    }
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }
}

/** The wall clock: a camera may run for months, in which `performance.timeOrigin` would drift away from it. */
function nowUs(): number {
  return Date.now() * 1000;
}
