import { cascadeErrors } from '../../cascade/index.ts';
import { type PixelRequest, toErrorRecord } from '../../ingest/index.ts';
import { streamsErrors } from '../errors.ts';
import type { FrameItem, FrameRequest, FrameVerdict } from '../frame-item.ts';
import type { CrossedFrame } from './frame-protocol.ts';

/** A frame that crossed from a worker, as the first operator of a pipeline gets it. */
export function crossedItem(stream: string, crossed: CrossedFrame, request: FrameRequest | null = null): FrameItem {
  const { frame, timestampUs, width, height, state, pictures } = crossed;
  return {
    stream,
    frame,
    timestampUs,
    width,
    height,
    verdict: verdictOf(state, frame),
    difference: null,
    confidence: null,
    request,
    pixels: wanted => {
      const found = pictures.find(({ request: one }) => isSame(one, wanted));
      if (found !== undefined) return found.bytes;
      const declared = pictures.map(({ request: one }) => `${one.width}x${one.height} ${one.format}`).join(', ');
      const details = { stream, frame, ...wanted, declared: declared || 'none' };
      throw streamsErrors.create('STREAMS_PIXELS_UNDECLARED', details);
    },
  };
}

function verdictOf(state: CrossedFrame['state'], frame: number): FrameVerdict | null {
  if (state === 'decoded') return null;
  if (state === 'skipped') return { decidedBy: 'skipped' };
  if (state !== 'lost') return { decidedBy: 'defaulted', reason: state };
  const { code, message } = toErrorRecord(cascadeErrors.create('CASCADE_FRAME_LOST', { frame }));
  return { decidedBy: 'failed', code, message };
}

function isSame(a: PixelRequest, b: PixelRequest): boolean {
  return a.width === b.width && a.height === b.height && a.format === b.format;
}
