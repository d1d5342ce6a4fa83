import type { PictureFile } from '../picture-file.ts';

/** Labeled rows of one part of the footage, in the order of time. */
export interface TrainingRows {
  /** Pictures of the part at every size that a candidate looks at, RGB; each file has the same rows. */
  readonly pictures: readonly PictureFile[];
  /** (n) rows of the files that are used, ascending. */
  readonly rows: Uint32Array;
  /** (n) 1 where the truth is positive, else 0. */
  readonly labels: Uint8Array;
  /** (n) how much each counts, 0 or more. Default: 1 each. */
  readonly weights?: Float32Array | undefined;
}

/** Numbers of rows of both classes. */
export interface ClassCounts {
  readonly positives: number;
  readonly negatives: number;
}

/** Counts the rows of both classes over all parts. */
export function countClasses(parts: readonly TrainingRows[]): ClassCounts {
  let [positives, total] = [0, 0];
  for (const { labels } of parts) {
    total += labels.length;
    for (const label of labels) positives += label;
  }
  return { positives, negatives: total - positives };
}

/** Least share of the rarer class after {@link thinRows}, as far as it has so many rows. */
const leastShare = 0.25;

/**
 * Keeps at most `most` rows, each class evenly spread over time; of a rare class more are kept than its share, and the
 * weights make up for that: their sum by class stays about the same.
 */
export function thinRows(parts: readonly TrainingRows[], most: number): TrainingRows[] {
  const { positives, negatives } = countClasses(parts);
  if (positives + negatives <= most) return [...parts];
  const rare = Math.min(positives, negatives);
  const keptRare = Math.min(
    rare,
    Math.max(Math.round((most * rare) / (positives + negatives)), Math.round(most * leastShare)),
  );
  const kept = positives <= negatives ? [most - keptRare, keptRare] : [keptRare, most - keptRare];
  const total = [negatives, positives];
  const seen = [0, 0];
  return parts.map(part => {
    const chosen: number[] = [];
    for (const [i, label] of part.labels.entries()) {
      const [n, k, at] = [total[label] as number, kept[label] as number, seen[label] as number];
      seen[label] = at + 1;
      if (Math.floor(((at + 1) * k) / n) > Math.floor((at * k) / n)) chosen.push(i);
    }
    return {
      pictures: part.pictures,
      rows: Uint32Array.from(chosen, i => part.rows[i] as number),
      labels: Uint8Array.from(chosen, i => part.labels[i] as number),
      weights: Float32Array.from(chosen, i => {
        const label = part.labels[i] as number;
        return ((part.weights?.[i] ?? 1) * (total[label] as number)) / (kept[label] as number);
      }),
    };
  });
}
