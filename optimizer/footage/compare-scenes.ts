import { optimizerErrors } from '../errors.ts';
import type { FootageSource } from '../footage-source.ts';
import { compareViews, type EdgeView, viewRequest } from './edge-view.ts';
import { readViews } from './read-views.ts';
import { placeViews, type ViewLink, type ViewPlace } from './view-forest.ts';

/** What to compare. */
export interface CompareScenesOptions {
  /** Of one fixed camera, as is claimed. */
  readonly sources: readonly FootageSource[];
  /** Believes that without looking. */
  readonly sameCamera: boolean;
  /** Stops; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the comparison found. */
export interface SceneComparison {
  /** Least agreement that a view has with the one that it agrees with best, -1 to 1; null without two views to compare. */
  readonly agreement: number | null;
  /** Distance of the two views that are farthest apart, as a share of the width, 0 or more. */
  readonly shift: number;
}

/**
 * Agreement from which two views are of one scene. Measured over all pairs of blocks and of halves (the test prints it): the
 * least that ties a view to its camera is 0.44 on real footage (`a13-jamcam.mp4`, clips of day and night mixed; 0.68–0.94 on
 * the four others) and 0.76 on synthetic footage (4 px of jitter at 320 px); the most between two cameras is 0.11 on real
 * footage (all ten pairs) and 0.20 on synthetic footage, whose scenes are built alike.
 */
const leastAgreement = 0.3;
/**
 * Shift up to which a camera is fixed, as a share of the width. The real footage shifts by 3.5 % at most (`a13-jamcam.mp4`,
 * 53 clips from day and night; 2.6 % for a camera in the wind, `person-bicycle-car.mp4`).
 */
const mostShift = 0.05;

/**
 * Refuses footage of two cameras, and of a camera that moves: compares the edges of the background, which daylight does not
 * change, between blocks of time and between sources. Looks at 48 frames a source, in worker processes.
 * @returns What was found; null when nothing was looked at.
 * @throws OPTIMIZER_CAMERA_MOVES - when a source's own views are of different scenes or shift by more than 5 % of the width,
 *   and when that happens from one source to another; OPTIMIZER_CAMERAS_DIFFER - when a source agrees with none before it;
 *   what opening the footage throws; the signal's reason.
 */
export async function compareScenes(options: CompareScenesOptions): Promise<SceneComparison | null> {
  const { sources, sameCamera, signal } = options;
  if (sameCamera) return null;
  const views: SourceView[] = [];
  for (const [source, footage] of sources.entries()) {
    views.push(...(await readViews(footage, signal)).map(view => ({ source, view })));
  }
  const links = await linksOf(views, signal);
  const places = placeViews(links, views.length, leastAgreement).map((place, i) => ({
    ...place,
    source: views[i]?.source ?? 0,
  }));
  const pathOf = (source: number): string => sources[source]?.info.path ?? '';
  for (const source of sources.keys()) checkStandsStill(pathOf(source), places, source);
  const first = places[0];
  for (const { source, scene } of places) {
    if (first === undefined || scene === first.scene) continue;
    const agreement = bestOf(
      links.filter(link => views[link.second]?.source === source && views[link.first]?.source !== source),
    );
    throw optimizerErrors.create('OPTIMIZER_CAMERAS_DIFFER', {
      first: pathOf(first.source),
      second: pathOf(source),
      agreement: agreement.toFixed(2),
      expected: `${leastAgreement} or more`,
    });
  }
  const shift = spread(places);
  if (shift > mostShift) {
    // Each source stands still by itself: the first one that lies too far from an earlier one was put up otherwise.
    const moved = places.findIndex((_, i) => spread(places.slice(0, i + 1)) > mostShift);
    throw moves(pathOf(places[moved]?.source ?? 0), `${(100 * shift).toFixed(1)} %`);
  }
  const agreements = views.map((_, i) => bestOf(links.filter(link => link.first === i || link.second === i)));
  return { agreement: views.length < 2 ? null : Math.min(...agreements), shift };
}

interface SourceView {
  readonly source: number;
  readonly view: EdgeView;
}

type SourcePlace = ViewPlace & { readonly source: number };

/**
 * Pairs of views of one source, and of a source with the one before it and with the first: enough for a chain, and many
 * sources take no square of their number.
 */
async function linksOf(views: readonly SourceView[], signal: AbortSignal | undefined): Promise<ViewLink[]> {
  const links: ViewLink[] = [];
  for (const [second, { source, view }] of views.entries()) {
    for (const [first, other] of views.slice(0, second).entries()) {
      if (other.source !== 0 && other.source < source - 1) continue;
      links.push({ first, second, ...compareViews(other.view, view) });
    }
    // Each view takes some milliseconds: Ctrl-C and progress have their turn between them.
    await new Promise(resolve => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  return links;
}

function bestOf(links: readonly ViewLink[]): number {
  return Math.max(-1, ...links.map(({ agreement }) => agreement));
}

function checkStandsStill(path: string, places: readonly SourcePlace[], source: number): void {
  const own = places.filter(place => place.source === source);
  if (own.some(({ scene }) => scene !== own[0]?.scene)) throw moves(path, 'more than can be followed (6 %)');
  const shift = spread(own);
  if (shift > mostShift) throw moves(path, `${(100 * shift).toFixed(1)} %`);
}

/** Distance of the two places that are farthest apart, as a share of the width. */
function spread(places: readonly ViewPlace[]): number {
  const distances = places.flatMap(a => places.map(b => Math.hypot(a.x - b.x, a.y - b.y)));
  return Math.max(0, ...distances) / viewRequest.width;
}

function moves(path: string, measure: string): Error {
  return optimizerErrors.create('OPTIMIZER_CAMERA_MOVES', { path, measure, expected: `${100 * mostShift} %` });
}
