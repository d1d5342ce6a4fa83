/** Size of the pictures that scenes are compared in, in px: gray. */
export const sceneSize = { width: 160, height: 90 } as const;

/** Directions of the edges of a picture of the scene: what stays when the light changes. */
export interface SceneEdges {
  readonly width: number;
  readonly height: number;
  /** (height, width) horizontal and vertical part of the gradient, each −1 to 1, its length near 1 on edges. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** How two scenes agree. */
export interface SceneAgreement {
  /** Correlation of the edges at the best shift, −1 to 1. */
  readonly agreement: number;
  /** That shift as a share of the width, 0 or more. */
  readonly shift: number;
}

/** Gradients below it are noise, in grey levels. */
const noise = 4;
/** Shifts that are tried, in px of `sceneSize`. */
const mostShiftPx = 10;

/** Edges of the median of some gray pictures of `sceneSize`: what passes by is not in it. */
export function sceneEdges(pictures: readonly Uint8Array[]): SceneEdges {
  const { width, height } = sceneSize;
  const median = new Float32Array(width * height);
  const values = new Uint8Array(pictures.length);
  for (let i = 0; i < median.length; i++) {
    for (const [k, picture] of pictures.entries()) values[k] = picture[i] as number;
    values.sort();
    median[i] = values[values.length >> 1] as number;
  }
  const [x, y] = [new Float32Array(median.length), new Float32Array(median.length)];
  for (let row = 1; row < height - 1; row++) {
    for (let column = 1; column < width - 1; column++) {
      const i = row * width + column;
      const dx = (median[i + 1] as number) - (median[i - 1] as number);
      const dy = (median[i + width] as number) - (median[i - width] as number);
      const length = Math.hypot(dx, dy, noise);
      [x[i], y[i]] = [dx / length, dy / length];
    }
  }
  return { width, height, x, y };
}

/** Best agreement of two scenes over shifts of up to 10 px of 160 either way. */
export function sceneAgreement(a: SceneEdges, b: SceneEdges): SceneAgreement {
  // Edges are two px wide, so every second shift finds the neighborhood of the best one.
  const coarse = bestShift(a, b, { from: [-mostShiftPx, -mostShiftPx], to: [mostShiftPx, mostShiftPx], step: 2 });
  const [dx, dy] = coarse.at;
  const { agreement, at } = bestShift(a, b, { from: [dx - 1, dy - 1], to: [dx + 1, dy + 1], step: 1 });
  return { agreement, shift: Math.hypot(...at) / a.width };
}

type Shift = readonly [dx: number, dy: number];

function bestShift(
  a: SceneEdges,
  b: SceneEdges,
  { from, to, step }: { readonly from: Shift; readonly to: Shift; readonly step: number },
): { agreement: number; at: Shift } {
  let best = { agreement: Number.NEGATIVE_INFINITY, at: [0, 0] as Shift };
  for (let dy = from[1]; dy <= to[1]; dy += step) {
    for (let dx = from[0]; dx <= to[0]; dx += step) {
      const agreement = correlation(a, b, [dx, dy]);
      if (agreement > best.agreement) best = { agreement, at: [dx, dy] };
    }
  }
  return best;
}

function correlation(a: SceneEdges, b: SceneEdges, [dx, dy]: Shift): number {
  const { width, height } = a;
  let [both, ofA, ofB] = [0, 0, 0];
  for (let row = Math.max(0, -dy); row < Math.min(height, height - dy); row++) {
    for (let column = Math.max(0, -dx); column < Math.min(width, width - dx); column++) {
      const [i, j] = [row * width + column, (row + dy) * width + column + dx];
      const [ax, ay, bx, by] = [a.x[i] as number, a.y[i] as number, b.x[j] as number, b.y[j] as number];
      both += ax * bx + ay * by;
      ofA += ax * ax + ay * ay;
      ofB += bx * bx + by * by;
    }
  }
  return both / Math.sqrt(ofA * ofB + 1e-9);
}
