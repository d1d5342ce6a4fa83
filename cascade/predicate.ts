import { z } from 'zod';
import type { Detection } from './detection.ts';
import { cascadeErrors } from './errors.ts';
import { describeIssues, forwardIssues } from './schema-issues.ts';

/** A point of a zone as shares of the frame: x from the left, y from the top, both 0–1. */
export type ZonePoint = readonly [x: number, y: number];

/** Holds when at least one detection has the label, is sure enough, tall enough, and stands in the zone. */
export interface LabelPredicate {
  /** Class that is looked for, one of the model's labels. */
  readonly label: string;
  /**
   * Least score, 0–1, inclusive. Default 0.5. Detectors drop what scores below their own floor (default 0.05), so a
   * smaller value than that changes nothing.
   */
  readonly minScore?: number | undefined;
  /** Least height of the box as a share of the frame's height, 0–1, inclusive. Default 0. */
  readonly minHeight?: number | undefined;
  /**
   * Polygon of at least 3 points, closed by itself; a detection is in it when the middle of its box's lower edge
   * (where the object stands) is inside or on the border. Crossing edges count by the even-odd rule. Default: the
   * whole frame.
   */
  readonly zone?: readonly ZonePoint[] | undefined;
}

/** Turns the detections of a frame into the boolean answer of a query. */
export type Predicate =
  | LabelPredicate
  | { readonly any: readonly Predicate[] }
  | { readonly all: readonly Predicate[] }
  | { readonly not: Predicate };

/** What a predicate says of one frame. */
export interface PredicateAnswer {
  /** Whether the predicate holds. */
  readonly label: boolean;
  /**
   * How strongly it holds, 0–1. Of a label: the best score among the detections that have the label, the height and
   * the zone, even below `minScore`; 0 without any. `any` is the greatest, `all` the smallest of its parts, `not` 1
   * minus its part. Parts with different `minScore` make it a hint, not a threshold: use `label` to decide.
   */
  readonly score: number;
}

const DEFAULT_MIN_SCORE = 0.5;
/** Rounding of float32 boxes; 1e-6 of a frame is far less than a pixel. */
const BORDER = 1e-6;

const share = z.number().min(0).max(1);

const labelPredicate = z.strictObject({
  label: z.string().min(1),
  minScore: share.optional(),
  minHeight: share.optional(),
  zone: z
    .array(z.tuple([share, share]))
    .min(3, 'expected a polygon of at least 3 points')
    .optional(),
});

/**
 * Checks a predicate read from JSON. The form is chosen by the key that is present, so that an issue names the one
 * place that is wrong rather than every form that did not fit.
 */
export const predicateSchema: z.ZodType<Predicate> = z.lazy(() =>
  z.unknown().transform((value, context): Predicate => {
    const parsed = formOf(value).safeParse(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    forwardIssues(parsed.error, context);
    return z.NEVER;
  }),
);

const parts = z.array(predicateSchema).min(1, 'expected at least one predicate');
const anyPredicate = z.strictObject({ any: parts });
const allPredicate = z.strictObject({ all: parts });
const notPredicate = z.strictObject({ not: predicateSchema });

/** The four forms of a predicate, for the published JSON Schema: {@link predicateSchema} chooses among them by itself. */
export const predicateForms: readonly z.ZodType<Predicate>[] = [
  labelPredicate,
  anyPredicate,
  allPredicate,
  notPredicate,
];

function formOf(value: unknown): z.ZodType<Predicate> {
  if (typeof value === 'object' && value !== null) {
    if ('any' in value) return anyPredicate;
    if ('all' in value) return allPredicate;
    if ('not' in value) return notPredicate;
  }
  return labelPredicate;
}

/**
 * Reads a predicate from parsed JSON.
 * @throws CASCADE_PREDICATE_INVALID - when the value has none of the four forms; the message names the place.
 */
export function parsePredicate(value: unknown): Predicate {
  const parsed = predicateSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw cascadeErrors.create('CASCADE_PREDICATE_INVALID', { issues: describeIssues(parsed.error) });
}

/** Answers a predicate for the detections of one frame; their order does not matter. */
export function evaluatePredicate(predicate: Predicate, detections: readonly Detection[]): PredicateAnswer {
  if ('any' in predicate) {
    const answers = predicate.any.map(part => evaluatePredicate(part, detections));
    return { label: answers.some(a => a.label), score: Math.max(0, ...answers.map(a => a.score)) };
  }
  if ('all' in predicate) {
    const answers = predicate.all.map(part => evaluatePredicate(part, detections));
    return { label: answers.every(a => a.label), score: Math.min(1, ...answers.map(a => a.score)) };
  }
  if ('not' in predicate) {
    const { label, score } = evaluatePredicate(predicate.not, detections);
    return { label: !label, score: 1 - score };
  }
  const { minScore = DEFAULT_MIN_SCORE, minHeight = 0, zone } = predicate;
  let found = false;
  let score = 0;
  for (const detection of detections) {
    if (detection.label !== predicate.label || detection.box.height < minHeight) continue;
    const { x, y, width, height } = detection.box;
    if (zone !== undefined && !isInZone(zone, x + width / 2, y + height)) continue;
    if (detection.score >= minScore) found = true;
    if (detection.score > score) score = detection.score;
  }
  return { label: found, score };
}

/** Every label that a predicate names, each once, in order of appearance; to be checked against the model's labels. */
export function predicateLabels(predicate: Predicate): string[] {
  if ('label' in predicate) return [predicate.label];
  if ('not' in predicate) return predicateLabels(predicate.not);
  const all = 'any' in predicate ? predicate.any : predicate.all;
  return [...new Set(all.flatMap(predicateLabels))];
}

function isInZone(zone: readonly ZonePoint[], x: number, y: number): boolean {
  let inside = false;
  let previous = zone[zone.length - 1];
  for (const point of zone) {
    if (previous === undefined) break;
    const [x1, y1] = previous;
    const [x2, y2] = point;
    if (distanceToSegment(x, y, x1, y1, x2, y2) <= BORDER) return true;
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
    previous = point;
  }
  return inside;
}

function distanceToSegment(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / lengthSquared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - (x1 + t * dx), y - (y1 + t * dy));
}
