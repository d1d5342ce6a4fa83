import type { Box, Detection } from '../cascade/index.ts';
import { ConstantVelocityFilter } from './constant-velocity-filter.ts';
import { StreamClock } from './stream-clock.ts';

/** A detection with the track that it belongs to. */
export interface TrackedDetection extends Detection {
  /** Number of the track, from 1 in the order of appearance; unique within a stream. */
  readonly track: number;
}

/** How a tracker tells objects apart. */
export interface TrackerSettings {
  /** Least overlap (intersection over union) of a detection with where its track is expected, 0–1. */
  readonly minOverlap: number;
  /** How long a track outlives its last detection in µs of stream time. */
  readonly maxGapUs: number;
}

/** Standard deviation of a box's edges as a share of its height: 1/20, DeepSORT (Wojke et al. 2017, released code). */
const noiseShare = 1 / 20;
/**
 * Variance that a velocity gains a second, as a share of the height squared: DeepSORT's 1/160 of the height a frame, every
 * frame, at 30 fps: 30 x (30 / 160)^2.
 */
const accelerationShare = 30 * (30 / 160) ** 2;

/** The tracks of one stream: SORT (Bewley et al. 2016) with a greedy assignment, best overlap first. */
export class BoxTracker {
  readonly #settings: TrackerSettings;
  #tracks: Track[] = [];
  readonly #clock = new StreamClock(0);
  #nowUs = 0;
  #appeared = 0;

  constructor(settings: TrackerSettings) {
    this.#settings = settings;
  }

  /** Tracks that are alive. */
  get size(): number {
    return this.#tracks.length;
  }

  /** Takes the detections of a frame; gives them with their tracks, in the same order. */
  look(timestampUs: number, detections: readonly Detection[]): TrackedDetection[] {
    this.#advance(timestampUs);
    const numbers = this.#assign(detections);
    return detections.map((detection, index) => {
      let track = numbers.get(index);
      if (track === undefined) {
        track = new Track(++this.#appeared, detection);
        this.#tracks.push(track);
      } else track.correct(detection.box);
      track.seenUs = this.#nowUs;
      return { ...detection, track: track.number };
    });
  }

  #advance(timestampUs: number): void {
    const order = this.#clock.observe(timestampUs);
    // The clock was set back: nothing that was seen before can be told to be the same.
    if (order === 'jumped') this.#tracks = [];
    // Frames of a stream come in order; what does not is looked at as if it came now.
    const nowUs = this.#clock.watermarkUs;
    this.#tracks = this.#tracks.filter(track => nowUs - track.seenUs <= this.#settings.maxGapUs);
    for (const track of this.#tracks) track.predict((nowUs - this.#nowUs) / 1e6);
    this.#nowUs = nowUs;
  }

  /** The track of each detection that has one, by the detection's index. */
  #assign(detections: readonly Detection[]): Map<number, Track> {
    const candidates: { readonly track: Track; readonly index: number; readonly overlap: number }[] = [];
    for (const track of this.#tracks) {
      for (const [index, { label, box }] of detections.entries()) {
        const overlap = label === track.label ? intersectionOverUnion(track.box, box) : 0;
        if (overlap > 0 && overlap >= this.#settings.minOverlap) candidates.push({ track, index, overlap });
      }
    }
    // Ties go to the older track, then to the earlier detection: sorting is stable.
    candidates.sort((a, b) => b.overlap - a.overlap);
    const assigned = new Map<number, Track>();
    const taken = new Set<Track>();
    for (const { track, index } of candidates) {
      if (assigned.has(index) || taken.has(track)) continue;
      assigned.set(index, track);
      taken.add(track);
    }
    return assigned;
  }
}

/** One object as it moves: the filters of its middle, width and height. */
class Track {
  readonly number: number;
  readonly label: string;
  /** When it was last seen, in µs of stream time. */
  seenUs = 0;
  readonly #x: ConstantVelocityFilter;
  readonly #y: ConstantVelocityFilter;
  readonly #width: ConstantVelocityFilter;
  readonly #height: ConstantVelocityFilter;

  constructor(number: number, { label, box }: Detection) {
    this.number = number;
    this.label = label;
    const noise = box.height * noiseShare;
    this.#x = new ConstantVelocityFilter(box.x + box.width / 2, noise);
    this.#y = new ConstantVelocityFilter(box.y + box.height / 2, noise);
    this.#width = new ConstantVelocityFilter(box.width, noise);
    this.#height = new ConstantVelocityFilter(box.height, noise);
  }

  /** Where it is expected. */
  get box(): Box {
    const width = Math.max(this.#width.value, Number.EPSILON);
    const height = Math.max(this.#height.value, Number.EPSILON);
    return { x: this.#x.value - width / 2, y: this.#y.value - height / 2, width, height };
  }

  predict(seconds: number): void {
    const acceleration = accelerationShare * this.box.height ** 2;
    for (const filter of this.#filters) filter.predict(seconds, acceleration);
  }

  correct({ x, y, width, height }: Box): void {
    const noise = height * noiseShare;
    this.#x.correct(x + width / 2, noise);
    this.#y.correct(y + height / 2, noise);
    this.#width.correct(width, noise);
    this.#height.correct(height, noise);
  }

  get #filters(): readonly ConstantVelocityFilter[] {
    return [this.#x, this.#y, this.#width, this.#height];
  }
}

/** Area that two boxes share as a share of the area that they cover, 0–1. */
function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
