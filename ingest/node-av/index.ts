export { getFFmpegInfo } from 'node-av/lib';
export { encodeRgb } from './encode-rgb.ts';
export { NativeCameraConnection } from './native-camera-connection.ts';
export { NativeImageDecoder } from './native-image-decoder.ts';
export { openNodeAvFootage } from './open-node-av-footage.ts';
