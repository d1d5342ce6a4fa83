import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Decision } from '../cascade/index.ts';
import { sinkFailure } from '../sinks/index.ts';
import type { EventPictures, Still } from './event-pictures.ts';
import type { SaccadeEvent } from './saccade-event.ts';

/** An event and the still that it is to show; null: none. */
export interface PicturedEvent {
  readonly event: SaccadeEvent;
  readonly still: Still | null;
}

/** The picture of one stream's event under way: of its peak frame alone. */
export class PeakStill {
  readonly #pictures: EventPictures | null;
  readonly #label: string | undefined;
  #peak: { readonly frame: number; readonly still: Still } | null = null;
  #fresh: { readonly frame: number; readonly still: Still } | null = null;

  /** @param label - The class whose boxes are drawn; undefined: all. */
  constructor(pictures: EventPictures | null, label: string | undefined) {
    this.#pictures = pictures;
    this.#label = label;
  }

  /** Takes the picture of the frame that is decided now; it is held until {@link keep}. */
  look(decision: Decision): void {
    const picture = this.#pictures?.take(decision.stream, decision.frame) ?? null;
    this.#fresh = null;
    if (picture === null || decision.decidedBy !== 'referenced') return;
    const shown = decision.detections.filter(({ label }) => this.#label === undefined || label === this.#label);
    this.#fresh = { frame: decision.frame, still: { picture, boxes: shown.map(({ box }) => box) } };
  }

  /** The still of a frame, if it is the one of the event under way or that of now. */
  of(frame: number): Still | null {
    return [this.#fresh, this.#peak].find(one => one?.frame === frame)?.still ?? null;
  }

  /** Keeps the picture of this frame, which is the peak now, and lets go of any other; null: of all. */
  keep(peakFrame: number | null): void {
    const kept = [this.#fresh, this.#peak].find(one => one?.frame === peakFrame);
    this.#peak = kept ?? null;
    this.#fresh = null;
  }
}

/**
 * Puts the picture into an event.
 * @param picture - `true`: as a `data:` URL; a folder: as a file there, replaced when the event is told again.
 * @throws SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - when the file cannot be written.
 */
export async function attachPicture(
  { event, still }: PicturedEvent,
  pictures: EventPictures | null,
  picture: boolean | { readonly folder: string },
): Promise<SaccadeEvent> {
  const jpeg = still === null ? null : ((await pictures?.encode(still)) ?? null);
  return { ...event, data: { ...event.data, image: jpeg === null ? null : await imageUrl(event, jpeg, picture) } };
}

async function imageUrl(
  { id }: SaccadeEvent,
  jpeg: Uint8Array,
  picture: boolean | { readonly folder: string },
): Promise<string> {
  if (typeof picture === 'boolean') return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
  const folder = resolve(picture.folder);
  const path = join(folder, `${id}.jpg`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, jpeg);
  } catch (cause) {
    throw sinkFailure(path, cause);
  }
  return pathToFileURL(path).href;
}
