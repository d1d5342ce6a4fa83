import type { PixelRequest } from '../../ingest/index.ts';

/**
 * Picture that views are made of. Small, so that compression and people matter little; scaled without regard to the aspect
 * ratio, so that a camera's main and sub streams agree.
 */
export const viewRequest: PixelRequest = { width: 160, height: 90, format: 'gray' };

/** Directions of edges, summed over pictures: two components a pixel, (height, width) float32 each, row-major. */
interface EdgeField {
  readonly width: number;
  readonly height: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Where a camera looks: the edges that stay over several pictures, at two sizes. */
export interface EdgeView {
  readonly fine: EdgeField;
  /** Half the size of `fine`. */
  readonly coarse: EdgeField;
}

/** How well two views agree. */
export interface ViewAgreement {
  /** Correlation of the edges at the best shift, -1 to 1. */
  readonly agreement: number;
  /** Shift in px of {@link viewRequest} from the first to the second: x to the right, y downwards, each up to ±10. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/**
 * Steps of luma at which an edge counts half: above what noise and compression leave of 160x90 px. With 4, the least
 * agreement within a camera of real footage was the farthest from the greatest between two, among 2, 4, 8 and 16.
 */
const softness = 4;
/** Farthest shift that is tried, in px of the coarse field: 5 % of the width. */
const mostShift = 4;
/** Mean length of the edges below which a view is empty: black, fogged or covered; those of real footage have 0.33–0.88. */
const leastEdges = 0.1;

/**
 * Makes a view of pictures of one camera from different moments, (90, 160) uint8 each.
 *
 * Every picture's gradient is divided by its length before it is summed, so that lit and dark pictures have the same say;
 * what moves cancels out. Measured against the gradient of a temporal median: agreement within a camera rises from 0.34 to
 * 0.45 on footage that mixes day and night, and stays the same between cameras.
 * @returns Null when the pictures hold hardly any edge that stays.
 */
export function edgeViewOf(pictures: readonly Uint8Array[]): EdgeView | null {
  const { width, height } = viewRequest;
  const fine = emptyField(width, height);
  const coarse = emptyField(width >> 1, height >> 1);
  for (const picture of pictures) {
    addEdges(fine, picture);
    addEdges(coarse, halved(picture, width, height));
  }
  const meanEdge = Math.sqrt(lengthOf(fine) / (width * height)) / Math.max(1, pictures.length);
  return meanEdge < leastEdges ? null : { fine, coarse };
}

/** Compares two views at every small shift: at half size first, then around the best at full size. */
export function compareViews(first: EdgeView, second: EdgeView): ViewAgreement {
  const rough = bestShift(first.coarse, second.coarse, { x: 0, y: 0, within: mostShift });
  const centre = { x: 2 * rough.shiftX, y: 2 * rough.shiftY, within: 2 };
  return bestShift(first.fine, second.fine, centre);
}

function emptyField(width: number, height: number): EdgeField {
  return { width, height, x: new Float32Array(width * height), y: new Float32Array(width * height) };
}

function addEdges({ width, height, x: sumX, y: sumY }: EdgeField, picture: ArrayLike<number>): void {
  const at = (i: number): number => picture[i] ?? 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const dx = at(i + 1) - at(i - 1);
      const dy = at(i + width) - at(i - width);
      const length = Math.sqrt(dx * dx + dy * dy + softness * softness);
      sumX[i] = (sumX[i] ?? 0) + dx / length;
      sumY[i] = (sumY[i] ?? 0) + dy / length;
    }
  }
}

function halved(picture: Uint8Array, width: number, height: number): Float32Array {
  const [halfWidth, halfHeight] = [width >> 1, height >> 1];
  return Float32Array.from({ length: halfWidth * halfHeight }, (_, i) => {
    const from = 2 * (i % halfWidth) + 2 * Math.floor(i / halfWidth) * width;
    const at = (offset: number): number => picture[from + offset] ?? 0;
    return (at(0) + at(1) + at(width) + at(width + 1)) / 4;
  });
}

function lengthOf({ x, y }: EdgeField): number {
  return x.reduce((sum, value, i) => sum + value * value + (y[i] ?? 0) ** 2, 0);
}

function bestShift(
  first: EdgeField,
  second: EdgeField,
  { x, y, within }: { x: number; y: number; within: number },
): ViewAgreement {
  let best: ViewAgreement = { agreement: -1, shiftX: x, shiftY: y };
  for (let shiftY = y - within; shiftY <= y + within; shiftY++) {
    for (let shiftX = x - within; shiftX <= x + within; shiftX++) {
      const agreement = agreementAt(first, second, shiftX, shiftY);
      if (agreement > best.agreement) best = { agreement, shiftX, shiftY };
    }
  }
  return best;
}

/** Correlation of the part that both show. */
function agreementAt(first: EdgeField, second: EdgeField, shiftX: number, shiftY: number): number {
  const { width, height } = first;
  const [fromX, toX] = [Math.max(0, -shiftX), Math.min(width, width - shiftX)];
  const [fromY, toY] = [Math.max(0, -shiftY), Math.min(height, height - shiftY)];
  let [product, firstLength, secondLength] = [0, 0, 0];
  for (let y = fromY; y < toY; y++) {
    let [i, j] = [y * width + fromX, (y + shiftY) * width + fromX + shiftX];
    for (let x = fromX; x < toX; x++, i++, j++) {
      const [ax, ay] = [first.x[i] as number, first.y[i] as number];
      const [bx, by] = [second.x[j] as number, second.y[j] as number];
      product += ax * bx + ay * by;
      firstLength += ax * ax + ay * ay;
      secondLength += bx * bx + by * by;
    }
  }
  const scale = Math.sqrt(firstLength * secondLength);
  return scale > 0 ? product / scale : 0;
}
