import type { Frame as AvFrame, CodecContext } from 'node-av/lib';

/**
 * Makes a decoder forget what it has been sent, ready for another keyframe.
 * @param picture - An empty frame; it is empty again afterwards.
 */
export function flushDecoder(context: CodecContext, picture: AvFrame): void {
  context.flushBuffers();
  // FFmpeg 8's HEVC decoder keeps pictures that are ready for output over a flush (test: "a seek leaves nothing behind").
  while (context.receiveFrameSync(picture) >= 0) picture.unref();
}
