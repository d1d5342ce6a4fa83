import { type IngestErrorCode, ingestErrors } from '../errors.ts';
import type { SaccadeError } from '../saccade-error.ts';

/** Why a connection to a camera ended. */
export type CameraErrorCode = Extract<
  IngestErrorCode,
  | 'INGEST_CAMERA_UNAUTHORIZED'
  | 'INGEST_CAMERA_NOT_FOUND'
  | 'INGEST_CAMERA_UNREACHABLE'
  | 'INGEST_CAMERA_NO_VIDEO'
  | 'INGEST_CAMERA_STALLED'
  | 'INGEST_CAMERA_FROZEN'
  | 'INGEST_CAMERA_BLACK'
  | 'INGEST_CAMERA_ENDED'
>;

/** A reason to connect anew. */
export class CameraFault extends Error {
  override readonly name = 'CameraFault';
  readonly code: CameraErrorCode;

  /** @param reason - What was seen, such as FFmpeg's text; without URL and credentials. */
  constructor(code: CameraErrorCode, reason: string) {
    super(reason);
    this.code = code;
  }

  /** The error that users see. @param camera - The URL without credentials. */
  toError(camera: string): SaccadeError {
    return ingestErrors.create(this.code, { camera, reason: this.message }, { cause: this });
  }
}
