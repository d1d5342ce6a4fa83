export { FfmpegImageDecoder } from './ffmpeg-image-decoder.ts';
export { ffmpegVersion, licenceOf } from './ffmpeg-version.ts';
export { findProgram } from './find-program.ts';
export { openFfmpegFootage } from './open-ffmpeg-footage.ts';
