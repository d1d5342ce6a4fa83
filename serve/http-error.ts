import { SaccadeError, toErrorRecord } from '../ingest/index.ts';
import { serveErrors } from './errors.ts';

/** What a client is told of an error. */
export interface HttpError {
  /** 400–599. */
  readonly status: number;
  /** Headers that belong to it, such as `retry-after`, lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    /** What happened, what was expected and what was found. */
    readonly error: string;
    /** Stable code, see docs/errors.md. */
    readonly code: string;
  };
}

/** What is known of a request that failed. */
export interface ReplyOptions {
  /** By which the operator finds the error in the server's own output. */
  readonly requestId?: string;
  /** Most bytes of a body. */
  readonly maxBodyBytes?: number;
}

/** Errors that a client may be told of, and their status; all others are ours: 500, and nothing is told but the code. */
const statusOf: Readonly<Record<string, number>> = {
  SERVE_REQUEST_INVALID: 400,
  SERVE_UNAUTHORIZED: 401,
  SERVE_ORIGIN_REFUSED: 403,
  SERVE_ROUTE_UNKNOWN: 404,
  SERVE_QUERY_UNKNOWN: 404,
  SERVE_STREAM_UNKNOWN: 404,
  SERVE_METHOD_UNKNOWN: 405,
  SERVE_REQUEST_TIMEOUT: 408,
  SERVE_BODY_TOO_LARGE: 413,
  SERVE_MEDIA_TYPE_UNKNOWN: 415,
  SERVE_RATE_LIMITED: 429,
  // As servers commonly note it; nobody receives it.
  SERVE_CLIENT_GONE: 499,
  SERVE_OVERLOADED: 503,
  SERVE_STOPPING: 503,
  STREAMS_IMAGE_INVALID: 400,
  STREAMS_NOT_A_REQUEST: 404,
  STREAMS_PIPELINE_UNKNOWN: 404,
  CASCADE_FRAME_LOST: 400,
  CASCADE_IMAGE_INVALID: 400,
  CASCADE_TENSOR_INVALID: 400,
  CASCADE_MODEL_NOT_FOUND: 404,
  CASCADE_MODEL_NOT_SERVED: 404,
  // The values were such as the model cannot compute with: about this request alone.
  CASCADE_MODEL_RUN_FAILED: 422,
  CASCADE_MODEL_QUEUE_FULL: 429,
  CASCADE_MODEL_OVERLOADED: 503,
  CASCADE_MODEL_LATE: 504,
  CASCADE_MODEL_CLOSED: 503,
};

/** How soon a client may try again after it was turned away, in s: queues of a few hundred pictures are done by then. */
const retryAfterSeconds = 1;

/**
 * What a client is told of an error: what it did wrong with its reason (4xx), an overload with the time to wait (429, 503),
 * and of all others that we failed, without a reason, a stack or a path (500).
 */
export function replyError(error: unknown, options: ReplyOptions = {}): HttpError {
  const known = error instanceof SaccadeError ? error : fromFramework(error, options);
  const status = known === null ? undefined : statusOf[known.code];
  if (known === null || status === undefined) {
    const { message, code } = serveErrors.create('SERVE_FAILED', { requestId: options.requestId ?? 'unknown' });
    return { status: 500, headers: {}, body: { error: message, code: known?.code ?? code } };
  }
  return { status, headers: headersOf(status), body: { error: shown(known), code: known.code } };
}

function headersOf(status: number): Readonly<Record<string, string>> {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  return status === 429 || status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {};
}

/** The message, but for what tells of this machine: its folders, and the places in native code that engines name. */
function shown(error: SaccadeError): string {
  const { message } = toErrorRecord(error);
  if (error.code === 'CASCADE_MODEL_NOT_FOUND') {
    return message.replace(/expected one in .*, which has/s, 'expected one of');
  }
  return error.code === 'CASCADE_MODEL_RUN_FAILED' ? message.replace(/:.*/s, '.') : error.message;
}

/** Errors of the HTTP framework by its codes. */
function fromFramework(error: unknown, { maxBodyBytes }: ReplyOptions): SaccadeError | null {
  if (!(error instanceof Error)) return null;
  const { code = '', statusCode = 500 } = error as { code?: string; statusCode?: number };
  if (statusCode < 400 || statusCode > 499) return null;
  if (statusCode === 413) {
    return serveErrors.create('SERVE_BODY_TOO_LARGE', { limit: maxBodyBytes ?? 'so many', got: 'more' });
  }
  if (statusCode === 415) {
    return serveErrors.create('SERVE_MEDIA_TYPE_UNKNOWN', { expected: 'one of its content types', got: 'of the body' });
  }
  const field = code.startsWith('FST_ERR_CTP') || error instanceof SyntaxError ? 'body' : 'request';
  return serveErrors.create('SERVE_REQUEST_INVALID', { field, expected: 'a well-formed one', got: error.message });
}
