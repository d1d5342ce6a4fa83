import type { Predicate } from '../cascade/index.ts';
import { adjustToEvents } from './footage/adjust-to-events.ts';
import { labelPart } from './footage/label-part.ts';
import type { ReferenceLabels } from './footage/label-sources.ts';
import { type SplitOptions, splitFootage, splitGapMs } from './footage/split-footage.ts';
import type { FootageSource } from './footage-source.ts';
import type { FootageSplit, LabeledPart } from './labeled-part.ts';

/** The parts of labeled footage. */
export interface DividedFootage extends Readonly<Record<keyof FootageSplit, LabeledPart>> {
  /** What is not for testing: the train and the threshold part together. */
  readonly earlier: LabeledPart;
  /** All of it, gaps included. */
  readonly all: LabeledPart;
  /** Borders (0–2) that an event crosses, since it goes on for too long to be left out. */
  readonly crossedBorders: number;
}

/** Divides labeled footage by time, with borders outside of events, and labels each part by itself. */
export function divideFootage(options: {
  readonly sources: readonly FootageSource[];
  readonly labels: ReferenceLabels;
  readonly predicate: Predicate;
  readonly smoothingMs: number;
  readonly gapMs?: number | undefined;
}): DividedFootage {
  const { sources, labels, predicate, smoothingMs, gapMs } = options;
  const label = (stretches: Parameters<typeof labelPart>[0]['stretches']): LabeledPart =>
    labelPart({ sources, labels, stretches, predicate, smoothingMs });
  const all = label(sources.map(({ range }, source) => ({ source, range })));
  const splitOptions: SplitOptions = { gapMs, smoothingMs, step: labels.step };
  const seconds = sources.reduce((sum, { info, range }) => sum + (range.to - range.from) / info.frameRateFps, 0);
  const { split, crossedBorders } = adjustToEvents(splitFootage(sources, splitOptions), all, {
    gapMs: splitGapMs(seconds, splitOptions),
  });
  return {
    all,
    earlier: label([...split.train, ...split.threshold]),
    train: label(split.train),
    threshold: label(split.threshold),
    test: label(split.test),
    crossedBorders,
  };
}
