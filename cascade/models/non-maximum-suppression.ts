import type { Detection } from '../detection.ts';
import type { BoxCandidates } from './box-candidates.ts';

/** Overlap above which two boxes of a class are one object; 0.5 is what the heads' authors evaluate with. */
const DEFAULT_MAX_OVERLAP = 0.5;

/**
 * Keeps the best of each heap of overlapping boxes: greedy, within each class, by falling score (ties: the earlier
 * candidate). What is kept is cut to the frame; boxes without any area inside it are left out.
 * @param maxOverlap - Intersection over union above which the weaker box is dropped, 0–1. Default 0.5.
 * @returns detections by falling score.
 */
export function suppressNonMaxima(
  candidates: BoxCandidates,
  labels: readonly string[],
  maxOverlap: number = DEFAULT_MAX_OVERLAP,
): Detection[] {
  const { scores, classes } = candidates;
  const order = Uint32Array.from({ length: candidates.count }, (_, index) => index);
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const kept: number[] = [];
  for (const index of order) {
    const duplicate = kept.some(
      other => classes[other] === classes[index] && overlap(candidates, other, index) > maxOverlap,
    );
    if (!duplicate) kept.push(index);
  }
  const detections: Detection[] = [];
  for (const index of kept) {
    const label = labels[classes[index] as number];
    const box = clippedBox(candidates, index);
    if (label !== undefined && box !== undefined) detections.push({ label, score: scores[index] as number, box });
  }
  return detections;
}

function overlap({ left, top, right, bottom }: BoxCandidates, a: number, b: number): number {
  const width = Math.min(right[a] as number, right[b] as number) - Math.max(left[a] as number, left[b] as number);
  const height = Math.min(bottom[a] as number, bottom[b] as number) - Math.max(top[a] as number, top[b] as number);
  if (!(width > 0 && height > 0)) return 0;
  const areaOf = (index: number): number =>
    ((right[index] as number) - (left[index] as number)) * ((bottom[index] as number) - (top[index] as number));
  return (width * height) / (areaOf(a) + areaOf(b) - width * height);
}

function clippedBox({ left, top, right, bottom }: BoxCandidates, index: number): Detection['box'] | undefined {
  const x = Math.max(0, left[index] as number);
  const y = Math.max(0, top[index] as number);
  const width = Math.min(1, right[index] as number) - x;
  const height = Math.min(1, bottom[index] as number) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}
