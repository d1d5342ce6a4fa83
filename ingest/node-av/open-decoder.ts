import { AV_CODEC_FLAG_OUTPUT_CORRUPT, FF_THREAD_FRAME, FF_THREAD_SLICE } from 'node-av/constants';
import { avGetCodecName, Codec, CodecContext, type Stream } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';

/** How a decoder context is used. */
export interface DecoderSettings {
  /** Path for error texts. */
  readonly path: string;
  /** Decoder threads, 1–16. */
  readonly threads: number;
  /** `frames` may hold as many frames back as there are threads; `slices` holds none back but helps fewer streams. */
  readonly parallel: 'frames' | 'slices';
  /** Whether the edges between blocks are smoothed, as the codec wants. Default true. */
  readonly deblocks?: boolean;
}

/**
 * Opens a decoder for a stream; the caller frees it.
 * @throws INGEST_NO_DECODER - when FFmpeg was built without one for this codec.
 */
export function openDecoder(stream: Stream, settings: DecoderSettings): CodecContext {
  const { codecpar } = stream;
  const codec = Codec.findDecoder(codecpar.codecId);
  const noDecoder = (reason: string): Error =>
    ingestErrors.create('INGEST_NO_DECODER', {
      path: settings.path,
      codec: `${avGetCodecName(codecpar.codecId) ?? codecpar.codecId}${reason}`,
      decoder: 'node-av',
    });
  if (codec === null) throw noDecoder('');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.parametersToContext(codecpar);
  context.pktTimebase = stream.timeBase;
  context.threadCount = settings.threads;
  if (settings.threads > 1) context.threadType = settings.parallel === 'frames' ? FF_THREAD_FRAME : FF_THREAD_SLICE;
  // Damaged pictures are handed out and marked rather than dropped: the cascade decides what they are worth.
  context.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT);
  // Codecs without such a filter do not know the option, and lose nothing.
  if (settings.deblocks === false) context.setOption('skip_loop_filter', 'all');
  // null: options given to open2Sync corrupt memory in node-av 6.1.1.
  if (context.open2Sync(codec, null) < 0) {
    context.freeContext();
    throw noDecoder(' (it does not open)');
  }
  return context;
}
