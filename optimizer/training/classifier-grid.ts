import type { Box } from '../../cascade/index.ts';
import {
  type ClassifierCandidate,
  type ClassifierNormalization,
  type ClassifierView,
  classifierCandidate,
} from './classifier-candidate.ts';
import type { ClassifierNetwork } from './classifier-layout.ts';

/**
 * Square root of the pixels that a model looks at. NoScope's code has 50x50, whatever the frame's shape; at 96x54 in their
 * place people a few pixels wide are told apart better: the area under the ROC curve of the best model on later footage of
 * the synthetic quiet camera went from 0.90 to 0.94 in the same training time.
 */
const lookPx = 72;

/** Least and most pixels of a look along one axis, so that long and narrow regions stay pictures. */
const [leastLookPx, mostLookPx] = [32, 160];

/** Most pixels of an input along one axis: a small region is seen at less than `lookPx` rather than scaling more. */
const mostInputPx = 160;

/** Least width and height of a cut in pixels. */
const leastCropPx = 16;

/** Cells along an axis of the linear model. */
const linearCells = 8;

/** A size of about 72² px with an aspect ratio (width ÷ height), above 0. */
function lookSize(aspect: number): { readonly width: number; readonly height: number } {
  const side = (px: number): number => Math.round(Math.min(Math.max(px, leastLookPx), mostLookPx));
  return { width: side(lookPx * Math.sqrt(aspect)), height: side(lookPx / Math.sqrt(aspect)) };
}

/** The whole frame, scaled to about 72² px of its own shape. */
function wholeView(frameAspect: number): ClassifierView {
  const size = lookSize(frameAspect);
  return { name: 'whole', request: { ...size, format: 'rgb' }, crop: { left: 0, top: 0, ...size } };
}

/**
 * A region of the frame at about 72² px of its shape: the whole frame is scaled so that the region has that size, up to
 * 160 px along an axis, and cut. A region too narrow for 16 px of it is widened to both sides.
 */
function regionView(region: Box, frameAspect: number): ClassifierView {
  const look = lookSize((frameAspect * region.width) / region.height);
  const [left, width, inputWidth] = placeRegion(region.x, region.width, look.width);
  const [top, height, inputHeight] = placeRegion(region.y, region.height, look.height);
  return {
    name: 'region',
    request: { width: inputWidth, height: inputHeight, format: 'rgb' },
    crop: { left, top, width, height },
  };
}

function placeRegion(from: number, share: number, look: number): [from: number, length: number, inputLength: number] {
  const inputLength = Math.min(mostInputPx, Math.max(look, Math.round(look / share)));
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
 * @param frameAspect - Width of a frame ÷ its height.
 * @param hasScene - Whether there is an average empty scene; without it only raw models are tried.
 */
export function classifierGrid({
  region,
  frameAspect,
  hasScene,
}: {
  readonly region: Box | null;
  readonly frameAspect: number;
  readonly hasScene: boolean;
}): ClassifierCandidate[] {
  const whole = wholeView(frameAspect);
  const views = region === null ? [whole] : [regionView(region, frameAspect), whole];
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
