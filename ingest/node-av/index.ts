export { getFFmpegInfo } from 'node-av/lib';
export { encodeRgb } from './encode-rgb.ts';
export { NativeImageDecoder } from './native-image-decoder.ts';
export { openNodeAvFootage } from './open-node-av-footage.ts';
