import { ffmpegVersion, findProgram, licenceOf } from './ffmpeg/index.ts';
import type { DecoderName } from './footage.ts';
import { loadNodeAv } from './load-node-av.ts';

/** Whether a decoder can be used here, and what it is. */
export type DecoderFacts =
  | {
      readonly name: DecoderName;
      readonly isAvailable: true;
      /** Version of its FFmpeg, such as `8.1`. */
      readonly version: string;
      /** Licence of its FFmpeg as built. */
      readonly licence: string;
      /** Programs that are run; none for node-av. */
      readonly programs: readonly string[];
    }
  | {
      readonly name: DecoderName;
      readonly isAvailable: false;
      /** Why not, and what to do about it. */
      readonly problem: string;
    };

/** Tells of each decoder whether it can be used here. */
export async function describeDecoders(): Promise<DecoderFacts[]> {
  return Promise.all([describe('node-av', nodeAvFacts), describe('ffmpeg', ffmpegFacts)]);
}

type Facts = Omit<Extract<DecoderFacts, { isAvailable: true }>, 'name' | 'isAvailable'>;

async function describe(name: DecoderName, facts: () => Promise<Facts>): Promise<DecoderFacts> {
  try {
    return { name, isAvailable: true, ...(await facts()) };
  } catch (error) {
    return { name, isAvailable: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function nodeAvFacts(): Promise<Facts> {
  const { getFFmpegInfo } = await loadNodeAv();
  const { version, configuration } = getFFmpegInfo();
  return { version, licence: licenceOf(configuration), programs: [] };
}

async function ffmpegFacts(): Promise<Facts> {
  const programs = [findProgram('ffmpeg'), findProgram('ffprobe')];
  const { text, licence } = await ffmpegVersion();
  return { version: text, licence, programs };
}
