import { type DecoderName, openFootage, type PixelRequest } from '../ingest/index.ts';
import { cascadeErrors } from './errors.ts';

/**
 * The picture of the empty scene as a difference detector compares with it. Decodes: belongs in worker processes.
 * @param path - An image file.
 * @param options.request - Size and format that the detector compares at.
 * @returns What a frame of the footage gives for the same request, row-major.
 * @throws CASCADE_SCENE_INVALID - when it does not decode; and what opening it throws.
 */
export async function readScene(
  path: string,
  { request, decoder }: { readonly request: PixelRequest; readonly decoder: DecoderName },
): Promise<Uint8Array> {
  await using footage = await openFootage({ path, decoder, pixelRequests: [request] });
  for await (const frame of footage.frames({ from: 0, to: 1 }, () => true)) {
    using owned = frame;
    return owned.pixels(request);
  }
  throw cascadeErrors.create('CASCADE_SCENE_INVALID', { path, reason: 'it does not decode' });
}
