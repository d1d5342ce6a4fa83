import { checkGroupRange, checkRange } from '../check-range.ts';
import { ingestErrors } from '../errors.ts';
import type { Damage, Footage, FootageInfo, FrameRange, FrameTable, GroupOfPictures } from '../footage.ts';
import type { Frame, FrameIndex } from '../frame.ts';
import { FrameReader } from './frame-reader.ts';
import { GroupReader } from './group-reader.ts';
import type { NativeFootageParts } from './native-footage-parts.ts';

/** Footage decoded in this process by node-av; each decoder is opened when it is first needed. */
export class NodeAvFootage implements Footage {
  readonly info: FootageInfo;
  readonly #parts: NativeFootageParts;
  #frameReader: FrameReader | undefined;
  #groupReader: GroupReader | undefined;
  #isClosed = false;

  /** Takes over the opened input and its frame store. */
  constructor(info: FootageInfo, parts: NativeFootageParts) {
    this.info = info;
    this.#parts = parts;
  }

  get table(): FrameTable {
    return this.#parts.table.frames;
  }

  get damage(): Damage {
    return { ...this.#parts.damage };
  }

  frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncIterable<Frame> {
    this.#check();
    checkRange(this.table, range);
    this.#frameReader ??= new FrameReader(this.#parts);
    return this.#frameReader.frames(range, wanted);
  }

  groups(range: FrameRange): AsyncIterable<GroupOfPictures> {
    this.#check();
    checkGroupRange(this.table, range);
    this.#groupReader ??= new GroupReader(this.#parts);
    return this.#groupReader.groups(range);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#frameReader?.[Symbol.dispose]();
    this.#groupReader?.[Symbol.dispose]();
    this.#parts.store[Symbol.dispose]();
    this.#parts.input[Symbol.dispose]();
  }

  #check(): void {
    if (this.#isClosed) throw ingestErrors.create('INGEST_FOOTAGE_CLOSED', { path: this.info.path });
  }
}
