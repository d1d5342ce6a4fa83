import type { FootageInfo, FrameRange, FrameTable, OpenFootageOptions } from '../ingest/index.ts';

/** One file, or a time range of one, that a plan is fitted on. */
export interface FootageSource {
  readonly footage: OpenFootageOptions & { readonly streamId: string };
  /** SHA-256 of the footage in hex. */
  readonly sha256: string;
  readonly info: FootageInfo;
  /** Where every frame of the file lies, those outside the range too. */
  readonly table: FrameTable;
  /** Frames of the file that are used. */
  readonly range: FrameRange;
}
