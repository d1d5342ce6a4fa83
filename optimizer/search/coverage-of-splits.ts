import type { ScoreTable } from '../candidate-scores.ts';
import type { FoundPlan, PlanErrors } from '../found-plan.ts';
import { type RandomSource, randomSource } from '../random-source.ts';
import { type ChoosePlanOptions, choosePlan } from './choose-plan.ts';
import { cutTable, type RowRange } from './cut-table.ts';
import { measurePlan } from './measure-plan.ts';
import { PlanJudge } from './plan-judge.ts';
import { planStructures } from './plan-structures.ts';
import { prepareSearchPart } from './search-part.ts';
import { TableSweep } from './sweep-table.ts';

/** How often to split long footage, and how. */
export interface CoverageOptions extends Omit<ChoosePlanOptions, 'otherErrorRates'> {
  /** Scores of long footage: what is left of it stands for all footage that is to come. */
  readonly table: ScoreTable;
  /** Number of random splits, 1 or more. */
  readonly splits: number;
  /** Rows of one piece: threshold parts are made of whole pieces, each a stretch. Well above the longest event. */
  readonly pieceRows: number;
  /** Pieces of a threshold part, 1 or more. */
  readonly pieces: number;
  /** Seed of the splits. */
  readonly seed: number;
}

/** What became of a plan in one split. */
export interface SplitOutcome {
  readonly plan: FoundPlan;
  /** On the footage that it was not chosen on. */
  readonly later: PlanErrors;
}

/** How often plans kept what was said of them. */
export interface CoverageOfSplits {
  readonly runs: readonly { readonly chosen: SplitOutcome; readonly naive: SplitOutcome | null }[];
  /** Share of the runs, 0–1, in which both bounds that the chosen plan states hold on the rest of the footage. */
  readonly boundsHold: number;
  /** Share of the runs, 0–1, in which the chosen plan keeps both targets on the rest. */
  readonly targetsKept: number;
  /** The same for the naive choice, of the runs in which there was one: the cheapest plan by its estimates (NoScope §6). */
  readonly naiveTargetsKept: number;
}

/**
 * Draws threshold parts from long footage, chooses a plan on each, and counts how often its stated bounds and the targets
 * hold on the rest; the naive choice beside it. Deterministic.
 */
export function coverageOfSplits(options: CoverageOptions): CoverageOfSplits {
  const { table, splits, pieceRows, pieces, seed, targets, smoothingMs } = options;
  const random = randomSource(seed);
  const count = Math.floor(table.part.truth.length / pieceRows);
  const runs = Array.from({ length: splits }, () => {
    const drawn = new Set(shuffled(count, random).slice(0, pieces));
    const threshold = cutTable(
      table,
      piecesOf(count, pieceRows, piece => drawn.has(piece)),
    );
    const rest = cutTable(table, merged(piecesOf(count, pieceRows, piece => !drawn.has(piece))));
    const outcome = (plan: FoundPlan): SplitOutcome => ({
      plan,
      later: measurePlan(rest, plan, { smoothingMs, confidence: targets.confidence }).errors,
    });
    const { chosen } = choosePlan({ ...options, table: threshold, otherErrorRates: [] });
    const naive = chooseNaively({ ...options, table: threshold });
    return { chosen: outcome(chosen), naive: naive === null ? null : outcome(naive) };
  });
  const keepsTargets = ({ later }: SplitOutcome): boolean =>
    (later.falseNegative.estimate ?? 0) <= targets.falseNegativeRate &&
    (later.falsePositive.estimate ?? 0) <= targets.falsePositiveRate;
  const holds = ({ plan: { errors }, later }: SplitOutcome): boolean =>
    (later.falseNegative.estimate ?? 0) <= errors.falseNegative.bound &&
    (later.falsePositive.estimate ?? 0) <= errors.falsePositive.bound;
  const chosen = runs.map(run => run.chosen);
  const naive = runs.flatMap(run => run.naive ?? []);
  return {
    runs,
    boundsHold: share(chosen, holds),
    targetsKept: share(chosen, keepsTargets),
    naiveTargetsKept: share(naive, keepsTargets),
  };
}

/** NoScope's way: the cheapest plan whose error rates on the threshold part are within the targets; null without one. */
export function chooseNaively({ table, targets, smoothingMs, ...model }: ChoosePlanOptions): FoundPlan | null {
  const search = prepareSearchPart(table.part, smoothingMs);
  const sweep = new TableSweep(table, search, model);
  const judge = new PlanJudge({ table, search, model, compared: 1 });
  const plans = planStructures(table).flatMap(structure => {
    const found = sweep.sweep(structure, targets, { kind: 'estimate' });
    return found === null ? [] : [judge.plan(structure, found.thresholds, targets)];
  });
  return plans.sort((a, b) => a.cost.frameUs - b.cost.frameUs)[0] ?? null;
}

function piecesOf(count: number, pieceRows: number, wanted: (piece: number) => boolean): RowRange[] {
  return Array.from({ length: count }, (_, piece) => piece)
    .filter(wanted)
    .map(piece => ({ from: piece * pieceRows, to: (piece + 1) * pieceRows }));
}

function merged(ranges: readonly RowRange[]): RowRange[] {
  const merges: RowRange[] = [];
  for (const range of ranges) {
    const last = merges.at(-1);
    if (last?.to === range.from) merges[merges.length - 1] = { from: last.from, to: range.to };
    else merges.push(range);
  }
  return merges;
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.filter(holds).length / items.length;
}

function shuffled(count: number, random: RandomSource): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
