import { createDifferenceDetector } from '../../cascade/index.ts';
import type { Frame, PixelRequest } from '../../ingest/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';
import { median } from './median.ts';
import { processorUs } from './processor-clock.ts';

const rounds = 5;
/** Comparisons in a round: about 1 ms, far above the clock's resolution. */
const comparisons = 200;

/** What scaling to one size takes, with the last two pictures. */
interface SizeTimes {
  readonly request: PixelRequest;
  readonly scaleUs: number[];
  pictures: readonly Uint8Array[];
}

/** What the difference candidates cost: scaling by size, comparing by candidate. */
export class DifferenceTimes {
  readonly #candidates: readonly DifferenceCandidate[];
  readonly #sizes = new Map<string, SizeTimes>();
  #frames = 0;

  constructor(candidates: readonly DifferenceCandidate[]) {
    this.#candidates = candidates;
    for (const { detector } of candidates) {
      const { width, height, format } = detector;
      this.#sizes.set(sizeOf(detector), { request: { width, height, format }, scaleUs: [], pictures: [] });
    }
  }

  /** Scales a frame that was decoded just now, for one of the sizes in turn: a second one would find it in the cache. */
  scale(frame: Frame): void {
    const sizes = [...this.#sizes.values()];
    const size = sizes[this.#frames++ % sizes.length];
    if (size === undefined) return;
    const started = processorUs();
    const picture = frame.pixels(size.request);
    size.scaleUs.push(processorUs() - started);
    size.pictures = [...size.pictures.slice(-1), picture];
  }

  /** Cost of a frame in µs by the candidate's id. */
  costs(): Record<string, number> {
    return Object.fromEntries(this.#candidates.map(candidate => [candidate.id, this.#cost(candidate)]));
  }

  #cost({ detector: config }: DifferenceCandidate): number {
    const size = this.#sizes.get(sizeOf(config));
    const [picture, reference = picture] = size?.pictures ?? [];
    if (size === undefined || picture === undefined || reference === undefined) return Number.NaN;
    const detector = createDifferenceDetector(config);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = processorUs();
      for (let i = 0; i < comparisons; i++) detector.score(picture, reference);
      times.push((processorUs() - started) / comparisons);
    }
    return median(size.scaleUs) + median(times);
  }
}

function sizeOf({ width, height, format }: PixelRequest): string {
  return `${width}x${height} ${format}`;
}
