export { type ServeErrorCode, serveErrors } from './errors.ts';
export { type HttpError, replyError } from './http-error.ts';
