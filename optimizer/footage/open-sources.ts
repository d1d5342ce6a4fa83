import {
  type DecoderName,
  type FootageInfo,
  type FrameRange,
  type FrameTable,
  footageHash,
  type OpenFootageOptions,
  openFootage,
  streamNameOf,
} from '../../ingest/index.ts';
import { optimizerErrors } from '../errors.ts';
import type { FootageSource } from '../footage-source.ts';
import { parseTimeFragment, type TimeFragment } from './time-fragment.ts';

/** How sources are read, and how to follow and stop opening them. */
export interface OpenSourcesOptions {
  /** Default `node-av`. */
  readonly decoder?: DecoderName | undefined;
  /** Decoder threads, 1–16. Default 1. */
  readonly decoderThreads?: number | undefined;
  /** Frame rate of a folder of images in frames per second, above 0. Default 1. */
  readonly imageRateFps?: number | undefined;
  /** Called while the bytes of a source are hashed, with those done and all of them. */
  readonly onHashed?: ((path: string, doneBytes: number, totalBytes: number) => void) | undefined;
  /** Stops; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is known of a file, whatever ranges of it are used. */
interface ProbedFile {
  readonly footage: OpenFootageOptions & { readonly streamId: string };
  readonly sha256: string;
  readonly info: FootageInfo;
  readonly table: FrameTable;
}

/**
 * Reads what footage is, without decoding it: its frames' places, and its hash.
 * @param inputs - Paths as `openFootage` takes them, each with an optional range of time
 *   (`day1.mp4#t=60,600`, see {@link parseTimeFragment}), in order of time. Times count from the first frame; an end behind
 *   the last frame is cut off, as W3C Media Fragments has it.
 * @returns One source an input, in the same order.
 * @throws OPTIMIZER_TIME_RANGE - when a range is malformed, or holds no frame; what `openFootage` and `footageHash` throw.
 */
export async function openSources(
  inputs: readonly string[],
  options: OpenSourcesOptions = {},
): Promise<FootageSource[]> {
  const fragments = inputs.map(parseTimeFragment);
  // Several ranges of one file are usual: it is probed and hashed once.
  const files = new Map<string, ProbedFile>();
  const sources: FootageSource[] = [];
  for (const [i, fragment] of fragments.entries()) {
    const file = files.get(fragment.path) ?? (await probe(fragment.path, options));
    files.set(fragment.path, file);
    sources.push({ ...file, range: rangeOf(file, fragment, inputs[i] ?? fragment.path) });
  }
  return sources;
}

async function probe(path: string, options: OpenSourcesOptions): Promise<ProbedFile> {
  const { decoder, decoderThreads, imageRateFps, onHashed, signal } = options;
  signal?.throwIfAborted();
  const footage = {
    path,
    streamId: streamNameOf(path),
    ...(decoder !== undefined && { decoder }),
    ...(decoderThreads !== undefined && { decoderThreads }),
    ...(imageRateFps !== undefined && { imageRateFps }),
  };
  const opened = await openFootage(footage);
  const { info, table } = opened;
  await opened[Symbol.asyncDispose]();
  const sha256 = await footageHash(path, {
    ...(signal && { signal }),
    onProgress: (done, total) => onHashed?.(path, done, total),
  });
  return { footage, sha256, info, table };
}

function rangeOf({ table, info }: ProbedFile, { fromSeconds, toSeconds }: TimeFragment, input: string): FrameRange {
  const { timestampsUs } = table;
  const startUs = timestampsUs[0] ?? 0;
  const at = (seconds: number): number => {
    const index = timestampsUs.findIndex(timeUs => timeUs >= startUs + seconds * 1e6);
    return index < 0 ? timestampsUs.length : index;
  };
  const range = { from: at(fromSeconds), to: at(toSeconds) };
  if (range.from < range.to) return range;
  const expected = `at least one frame in it, within 0–${(info.durationUs / 1e6).toFixed(1)} s`;
  throw optimizerErrors.create('OPTIMIZER_TIME_RANGE', { input, expected, got: `${fromSeconds}–${toSeconds} s` });
}
