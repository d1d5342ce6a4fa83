export type { AnsweredBox, PictureAnswer, PredictBody } from './answer-body.ts';
export { type ServeErrorCode, serveErrors } from './errors.ts';
export { type HttpError, type ReplyOptions, replyError } from './http-error.ts';
export { type ImageLocation, loadImage } from './load-image.ts';
export { type PictureQuestion, predictPicture, timingOf } from './predict-picture.ts';
export type { ServeOptions, TlsFiles } from './serve-options.ts';
export { type RunningServer, startServer } from './start-server.ts';
export type { StreamBody } from './stream-routes.ts';
