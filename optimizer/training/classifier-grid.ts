import type { Box } from '../../cascade/index.ts';
import {
  type ClassifierCandidate,
  type ClassifierNormalization,
  type ClassifierView,
  classifierCandidate,
} from './classifier-candidate.ts';
import type { ClassifierNetwork } from './classifier-layout.ts';

/** Width and height in pixels of what a model looks at (NoScope's code: 50x50). */
const lookPx = 50;

/** Most pixels of an input along one axis: a small region is seen at less than `lookPx` rather than scaling more. */
const mostInputPx = 160;

/** Least width and height of a cut in pixels. */
const leastCropPx = 16;

/** Cells along an axis of the linear model. */
const linearCells = 8;

/** The whole frame at 50x50 px. */
export const wholeView: ClassifierView = {
  name: 'whole',
  request: { width: lookPx, height: lookPx, format: 'rgb' },
  crop: { left: 0, top: 0, width: lookPx, height: lookPx },
};

/**
 * A region of the frame at about 50x50 px: the whole frame is scaled so that the region has that size, up to 160 px along
 * an axis, and cut. A region too narrow for 16 px of it is widened to both sides.
 */
export function regionView(region: Box): ClassifierView {
  const [left, width, inputWidth] = placeRegion(region.x, region.width);
  const [top, height, inputHeight] = placeRegion(region.y, region.height);
  return {
    name: 'region',
    request: { width: inputWidth, height: inputHeight, format: 'rgb' },
    crop: { left, top, width, height },
  };
}

function placeRegion(from: number, share: number): [from: number, length: number, inputLength: number] {
  const inputLength = Math.min(mostInputPx, Math.max(lookPx, Math.round(lookPx / share)));
  // rounded outward, but for what is rounding alone
  let [first, last] = [Math.floor(from * inputLength + 1e-6), Math.ceil((from + share) * inputLength - 1e-6)];
  const lacking = Math.max(0, leastCropPx - (last - first));
  first = Math.min(Math.max(0, first - Math.floor(lacking / 2)), inputLength - leastCropPx);
  last = Math.min(inputLength, Math.max(last, first + leastCropPx));
  return [first, last - first, inputLength];
}

/**
 * The models that are tried, the most promising first, so that a small budget takes the front of the list: 2 or 4
 * convolutions, 16, 32 or 64 base filters, 32, 64 or 128 dense units (NoScope §4; its 256 units are left out: they train
 * slowest), each of scene-normalized and of raw pictures, of the region and of the whole frame; and linear models.
 *
 * Two convolutions make a stage, and filters double from stage to stage, as in NoScope: 16, 16, 32, 32. Each
 * convolution has stride 2 in place of NoScope's pooling: one gradient rule fewer.
 * @param region - Where the label ever appears; null: nearly everywhere, so that only the whole frame is looked at.
 * @param hasScene - Whether there is an average empty scene; without it only raw models are tried.
 */
export function classifierGrid({
  region,
  hasScene,
}: {
  readonly region: Box | null;
  readonly hasScene: boolean;
}): ClassifierCandidate[] {
  const views = region === null ? [wholeView] : [regionView(region), wholeView];
  const all: readonly ClassifierNormalization[] = ['scene', 'raw'];
  return networks().flatMap(network => {
    const normalizations = all.filter(normalization =>
      normalization === 'scene' ? hasScene : network.kind === 'convolutional',
    );
    return normalizations.flatMap(normalization =>
      views.map(view => classifierCandidate({ network, normalization, view })),
    );
  });
}

/** The linear model comes early: it costs next to nothing. */
function networks(): ClassifierNetwork[] {
  const [first, ...others] = sizes.map(([base, dense]) =>
    ([1, 2] as const).map(stages => {
      const filters = Array.from({ length: 2 * stages }, (_, i) => base * 2 ** Math.floor(i / 2));
      return { kind: 'convolutional', filters, dense } as const;
    }),
  );
  return [...(first ?? []), { kind: 'linear', cells: linearCells }, ...others.flat()];
}

/** Base filters and dense units: first those that grow together, small to large, then the others. */
const sizes = [
  [16, 32],
  [32, 64],
  [64, 128],
  [32, 32],
  [16, 64],
  [64, 64],
  [16, 128],
  [32, 128],
  [64, 32],
] as const;
