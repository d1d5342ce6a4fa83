export { type IngestErrorCode, ingestErrors } from './errors.ts';
export type {
  Damage,
  DecoderName,
  Footage,
  FootageInfo,
  FrameRange,
  FrameTable,
  GroupOfPictures,
  OpenFootageOptions,
} from './footage.ts';
export type { Frame, FrameIndex, PixelFormat, PixelRequest } from './frame.ts';
export {
  type ErrorDetails,
  type ErrorEntry,
  type ErrorRecord,
  type ErrorTable,
  errorTable,
  fromErrorRecord,
  SaccadeError,
  toErrorRecord,
} from './saccade-error.ts';
