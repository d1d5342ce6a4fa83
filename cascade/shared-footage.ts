import type { Footage, Frame, FrameIndex, FrameRange, GroupOfPictures } from '../ingest/index.ts';
import { type FrameShare, shareFrame } from './share-frame.ts';

/** One reader's wish for frames, in frame order. */
interface Request {
  next: FrameIndex;
  readonly to: FrameIndex;
  readonly wanted: (index: FrameIndex) => boolean;
  /** Decoded for it and not taken; at most one. */
  frame: FrameShare | null;
  /** Whether it waits for a frame. */
  isHungry: boolean;
}

/** One reader. */
interface View {
  request: Request | null;
  /** It has read to the end of the footage, or was closed. */
  isDone: boolean;
}

/**
 * Footage that several readers go through side by side, decoded once: the next frame is decoded when all of them want one.
 * A reader that begins elsewhere, after a restart, is waited for until it has caught up. The footage is disposed with the last
 * view.
 */
export class SharedFootage {
  readonly #footage: Footage;
  readonly #onClose: () => void;
  readonly #views = new Set<View>();
  #expected: number;
  #reader: { readonly frames: AsyncIterator<Frame>; position: FrameIndex } | null = null;
  #isDecoding = false;
  #error: unknown = null;
  #wake: (() => void)[] = [];

  /**
   * Takes the footage over.
   * @param readers - Readers that will come, 1 or more; nothing is decoded before all of them want frames.
   * @param onClose - Called when the last view is gone: there can be no more.
   */
  constructor(footage: Footage, readers: number, onClose: () => void = () => undefined) {
    this.#footage = footage;
    this.#onClose = onClose;
    this.#expected = readers;
  }

  /** Changes how many readers there are or will be; those that have gone do not count. */
  expect(readers: number): void {
    this.#expected = readers;
    this.#changed();
  }

  /** The footage as one more reader sees it; disposing it takes the reader away. */
  view(): Footage {
    const view: View = { request: null, isDone: false };
    this.#views.add(view);
    const footage = this.#footage;
    return {
      info: footage.info,
      table: footage.table,
      get damage() {
        return footage.damage;
      },
      frames: (range, wanted) => this.#frames(view, range, wanted),
      groups: (range): AsyncIterable<GroupOfPictures> => footage.groups(range),
      [Symbol.asyncDispose]: async () => {
        view.isDone = true;
        this.#views.delete(view);
        this.#changed();
        if (this.#views.size > 0) return;
        this.#onClose();
        await this.#reader?.frames.return?.();
        await footage[Symbol.asyncDispose]();
      },
    };
  }

  async *#frames(view: View, range: FrameRange, wanted: Request['wanted']): AsyncGenerator<Frame> {
    const request: Request = { next: range.from, to: range.to, wanted, frame: null, isHungry: false };
    view.request = request;
    view.isDone = false;
    try {
      for (let frame = await this.#take(request); frame !== null; frame = await this.#take(request)) yield frame;
      view.isDone = range.to >= this.#footage.table.timestampsUs.length;
    } finally {
      request.frame?.[Symbol.dispose]();
      view.request = null;
      this.#changed();
    }
  }

  async #take(request: Request): Promise<Frame | null> {
    request.isHungry = true;
    for (;;) {
      if (request.frame !== null) {
        const { frame } = request;
        request.frame = null;
        request.isHungry = false;
        return frame;
      }
      if (request.next >= request.to) return null;
      if (this.#error !== null) throw this.#error;
      if (!this.#isDecoding && this.#areAllHungry()) await this.#decode();
      else await new Promise<void>(resolve => this.#wake.push(resolve));
    }
  }

  #areAllHungry(): boolean {
    const views = [...this.#views];
    if (views.length < this.#expected) return false;
    return views.every(({ request, isDone }) => isDone || (request?.isHungry === true && request.frame === null));
  }

  /** Decodes the next frame that some reader wants, and gives it to all who do. */
  async #decode(): Promise<void> {
    this.#isDecoding = true;
    try {
      const requests = (): Request[] => [...this.#views].flatMap(({ request }) => request ?? []);
      const position = Math.min(...requests().flatMap(({ next, to }) => (next < to ? [next] : [])));
      const { length } = this.#footage.table.timestampsUs;
      if (this.#reader?.position !== position) {
        await this.#reader?.frames.return?.();
        const wanted = (index: FrameIndex): boolean => requests().some(request => wants(request, index));
        const frames = this.#footage.frames({ from: position, to: length }, wanted)[Symbol.asyncIterator]();
        this.#reader = { frames, position };
      }
      const decoded = await this.#reader.frames.next();
      const index = decoded.done === true ? length : decoded.value.index;
      const takers = requests().filter(request => decoded.done !== true && wants(request, index));
      if (decoded.done !== true) {
        const shares = shareFrame(decoded.value, takers.length);
        for (const [i, taker] of takers.entries()) taker.frame = shares[i] ?? null;
      }
      for (const request of requests()) request.next = Math.max(request.next, Math.min(index + 1, request.to));
      this.#reader.position = index + 1;
    } catch (error) {
      this.#error = error;
    } finally {
      this.#isDecoding = false;
      this.#changed();
    }
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function wants({ next, to, wanted }: Request, index: FrameIndex): boolean {
  return index >= next && index < to && wanted(index);
}
