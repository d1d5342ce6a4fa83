import { convolutionWork, type PlacedConvolution, placeConvolutions } from './convolution.ts';
import { layOutParameters, type ParameterLayout } from './parameters.ts';

/** Shape of a specialized model; each ends in one logit. */
export type ClassifierNetwork =
  /** 3x3 convolutions of stride 2 with ReLU, one dense layer with ReLU. */
  | { readonly kind: 'convolutional'; readonly filters: readonly number[]; readonly dense: number }
  /** A linear function of the absolute difference from the empty scene, averaged over up to `cells` x `cells` cells. */
  | { readonly kind: 'linear'; readonly cells: number };

/** Windows that a linear model averages over, along one axis. */
export interface PoolingAxis {
  /** Width of a window and distance between two in pixels. */
  readonly window: number;
  /** Number of windows. */
  readonly cells: number;
  /** Pixels by which the first window reaches beyond the picture; what lies outside does not count. */
  readonly padBegin: number;
  readonly padEnd: number;
}

/** A network laid out for the pictures that it looks at. */
export interface ClassifierLayout extends ParameterLayout {
  readonly convolutions: readonly PlacedConvolution[];
  /** Rows and columns of a linear model's windows; null for convolutional networks. */
  readonly pooling: { readonly rows: PoolingAxis; readonly columns: PoolingAxis } | null;
  /** Values of a picture that the first layer after convolutions or pooling takes. */
  readonly features: number;
  /** Units of the dense layer; null for linear models. */
  readonly dense: number | null;
  /** Work of one picture in multiplications with addition. */
  readonly multiplyAdds: number;
}

/**
 * Lays a network out for RGB pictures of a size in pixels. Parameters: `w0`, `b0`, ... of the convolutions, `denseW`
 * (features, units) and `denseB`, `outW` (units or features, 1) and `outB`.
 */
export function layOutClassifier(
  network: ClassifierNetwork,
  picture: { readonly height: number; readonly width: number },
): ClassifierLayout {
  if (network.kind === 'linear') {
    const [rows, columns] = [poolingAxis(picture.height, network.cells), poolingAxis(picture.width, network.cells)];
    const features = 3 * rows.cells * columns.cells;
    const parameters = layOutParameters(outputShapes(features));
    // averaging costs one addition a value, and subtracting the scene another
    const multiplyAdds = features + 2 * 3 * picture.height * picture.width;
    return { convolutions: [], pooling: { rows, columns }, features, dense: null, ...parameters, multiplyAdds };
  }
  const layers = network.filters.map(filters => ({ filters, stride: 2, dilation: 1, kernel: 3 }) as const);
  const convolutions = placeConvolutions(layers, picture);
  const last = convolutions.at(-1);
  const features = last === undefined ? 0 : last.filters * last.outHeight * last.outWidth;
  const { dense } = network;
  const shapes = convolutions.flatMap(({ filters, channels }, i) => [
    { name: `w${i}`, dims: [filters, channels, 3, 3], fanIn: channels * 9 },
    { name: `b${i}`, dims: [filters], fanIn: 0 },
  ]);
  const parameters = layOutParameters([
    ...shapes,
    { name: 'denseW', dims: [features, dense], fanIn: features },
    { name: 'denseB', dims: [dense], fanIn: 0 },
    ...outputShapes(dense),
  ]);
  const multiplyAdds = convolutions.reduce((sum, layer) => sum + convolutionWork(layer), 0) + features * dense + dense;
  return { convolutions, pooling: null, features, dense, ...parameters, multiplyAdds };
}

function outputShapes(inputs: number): { name: string; dims: readonly number[]; fanIn: number }[] {
  return [
    { name: 'outW', dims: [inputs, 1], fanIn: inputs },
    { name: 'outB', dims: [1], fanIn: 0 },
  ];
}

/** Equal windows that cover an axis, centered: those at the ends may reach beyond it, by less than a window. */
function poolingAxis(length: number, mostCells: number): PoolingAxis {
  const window = Math.ceil(length / mostCells);
  const cells = Math.ceil(length / window);
  const beyond = cells * window - length;
  const padBegin = Math.floor(beyond / 2);
  return { window, cells, padBegin, padEnd: beyond - padBegin };
}
