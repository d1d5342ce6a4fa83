import type { PixelRequest } from '../../ingest/index.ts';
import { checkPictureLengths } from './picture-length.ts';

/** Mean of many small pictures of the empty scene, which a difference detector compares with (NoScope §5). */
export class AverageScene {
  /** Size and format of the pictures. */
  readonly request: PixelRequest;
  readonly #sums: Float64Array;
  #count = 0;

  constructor(request: PixelRequest) {
    this.request = request;
    this.#sums = new Float64Array(request.width * request.height * (request.format === 'rgb' ? 3 : 1));
  }

  /** Pictures added so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds a picture; it is not kept.
   * @throws CASCADE_PICTURE_SIZE - when it has another number of bytes than the request.
   */
  add(picture: Uint8Array): void {
    checkPictureLengths(this.request, picture, picture);
    const sums = this.#sums;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (picture[i] as number);
    this.#count++;
  }

  /** The mean of every byte, rounded to the nearest whole number; undefined while no picture was added. */
  picture(): Uint8Array | undefined {
    if (this.#count === 0) return undefined;
    return Uint8Array.from(this.#sums, sum => Math.round(sum / this.#count));
  }
}
