import { describe, expect, it } from 'vitest';
import { AnswerAssembler } from '../../../cascade/answer-assembler.ts';
import { GroupResolver } from '../../../cascade/group-resolver.ts';
import { type Decision, decide, deciders, type SkipRule, type Thresholds } from '../../../cascade/index.ts';
import { type LookColumns, lookKinds } from '../../../cascade/stream-protocol.ts';
import type { PlanStructure, ScoreTable } from '../../../optimizer/index.ts';
import { planStructures } from '../../../optimizer/search/plan-structures.ts';
import { prepareSearchPart } from '../../../optimizer/search/search-part.ts';
import { CascadeSimulator } from '../../../optimizer/search/simulate-cascade.ts';
import { seeded } from '../../cascade/random.ts';
import { naiveCascade } from './naive-cascade.ts';
import { randomTable } from './random-table.ts';

const every = (...tSkips: number[]): SkipRule[] => tSkips.map(tSkip => ({ kind: 'every', tSkip }));

function randomThresholds({ difference, specialized }: PlanStructure, random: () => number): Thresholds {
  const some = (): number => Math.round(random() * 20) / 20;
  const [a, b] = [some(), some()];
  return {
    deltaDiff: difference === null ? null : 10 * some(),
    cLow: specialized === null ? null : Math.min(a, b),
    cHigh: specialized === null ? null : Math.max(a, b),
  };
}

describe('CascadeSimulator', () => {
  it('gives the answers of the naive cascade, for all skip rules, stretches and distances of rows', () => {
    const random = seeded(21);
    let compared = 0;
    for (let round = 0; round < 60; round++) {
      const step = 1 + (round % 3);
      const smoothingMs = [0, 300, 1000][round % 3] ?? 0;
      const skips = [...every(step, 2 * step, 6 * step), { kind: 'keyframes' } as const];
      const table = randomTable({ random, stretches: 1 + (round % 3), rows: 40, step, smoothingMs, skips });
      const simulator = new CascadeSimulator(table, prepareSearchPart(table.part, smoothingMs));
      for (const structure of planStructures(table)) {
        const thresholds = randomThresholds(structure, random);
        const simulated = simulator.run(structure, thresholds);
        const naive = naiveCascade(table, structure, thresholds, smoothingMs);
        expect(Array.from(simulated.rawLabels)).toEqual(naive.map(({ raw }) => Number(raw)));
        expect(Array.from(simulated.labels)).toEqual(naive.map(({ label }) => Number(label)));
        expect(Array.from(simulated.deciders, code => deciders[code])).toEqual(naive.map(({ decidedBy }) => decidedBy));
        const by = (...names: string[]): number => naive.filter(({ decidedBy }) => names.includes(decidedBy)).length;
        const looked = by('unchanged', 'rejected', 'accepted', 'referenced');
        expect(simulated.counts).toMatchObject({
          frames: naive.length * step,
          compared: structure.difference === null ? 0 : looked,
          scored: structure.specialized === null ? 0 : looked - by('unchanged'),
          referenced: by('referenced'),
        });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it('counts what is decoded: all frames, or keyframes and the groups that are refined', () => {
    const table = keyframeTable([1, 0, 0, 1, 0, 0, 1, 0], [0, 0, 1, 1, 1, 0, 1, 1]);
    const simulator = new CascadeSimulator(table, prepareSearchPart(table.part, 0));
    const thresholds = { deltaDiff: null, cLow: null, cHigh: null };
    const run = (skip: SkipRule) => simulator.run({ skip, difference: null, specialized: null }, thresholds);
    // Ends of the first group disagree, those of the second agree, the last has no second end.
    expect(run({ kind: 'keyframes' })).toMatchObject({
      rawLabels: Uint8Array.of(0, 0, 1, 1, 1, 1, 1, 1),
      counts: { frames: 8, decoded: 5, keyframes: 3, referenced: 6 },
    });
    expect(run({ kind: 'every', tSkip: 3 }).counts).toMatchObject({
      frames: 8,
      decoded: 8,
      keyframes: 0,
      referenced: 3,
    });
  });

  it('refuses structures that do not fit', () => {
    const random = seeded(3);
    const skips = every(2, 4);
    const table = randomTable({ random, stretches: 1, rows: 20, step: 2, smoothingMs: 0, skips });
    const simulator = new CascadeSimulator(table, prepareSearchPart(table.part, 0));
    const none = { deltaDiff: null, cLow: null, cHigh: null };
    const refused: PlanStructure[] = [
      { skip: { kind: 'every', tSkip: 3 }, difference: null, specialized: null },
      { skip: { kind: 'keyframes' }, difference: null, specialized: null },
      { skip: { kind: 'every', tSkip: 8 }, difference: 'difference-4', specialized: null },
      { skip: { kind: 'every', tSkip: 2 }, difference: 'unknown', specialized: null },
      { skip: { kind: 'every', tSkip: 2 }, difference: null, specialized: 'unknown' },
    ];
    for (const structure of refused) expect(() => simulator.run(structure, none)).toThrow(RangeError);
  });

  it('gives the decisions of the real assembler and group resolver', () => {
    const random = seeded(22);
    for (let round = 0; round < 40; round++) {
      const skips = [...every(1, 2, 6), { kind: 'keyframes' } as const];
      const table = randomTable({ random, stretches: 1, rows: 60, step: 1, smoothingMs: 500, skips, hasOffset: false });
      table.part.keyframes[0] = 1;
      const simulator = new CascadeSimulator(table, prepareSearchPart(table.part, 500));
      for (const structure of planStructures(table)) {
        const thresholds = randomThresholds(structure, random);
        const simulated = simulator.run(structure, thresholds);
        const decisions = assembled(table, structure, thresholds);
        expect(decisions.map(({ label }) => Number(label))).toEqual(Array.from(simulated.labels));
        expect(decisions.map(({ rawLabel }) => Number(rawLabel))).toEqual(Array.from(simulated.rawLabels));
        expect(decisions.map(({ decidedBy }) => decidedBy)).toEqual(
          Array.from(simulated.deciders, code => deciders[code]),
        );
      }
    }
  });
});

function keyframeTable(keyframes: readonly number[], rawTruth: readonly number[]): ScoreTable {
  const count = keyframes.length;
  return {
    part: {
      stretches: [{ source: 0, range: { from: 0, to: count }, rows: { from: 0, to: count } }],
      step: 1,
      frames: Uint32Array.from({ length: count }, (_, i) => i),
      timestampsUs: Float64Array.from({ length: count }, (_, i) => i * 100_000),
      keyframes: Uint8Array.from(keyframes),
      rawTruth: Uint8Array.from(rawTruth),
      truth: Uint8Array.from(rawTruth),
    },
    skips: [],
    differences: [],
    specialized: [],
  };
}

/** What a cascade run makes of the looks that its stream worker would report. */
function assembled(table: ScoreTable, structure: PlanStructure, thresholds: Thresholds): Decision[] {
  const { timestampsUs, keyframes, rawTruth } = table.part;
  const count = timestampsUs.length;
  const difference = table.differences.find(({ id }) => id === structure.difference);
  const specialized = table.specialized.find(({ id }) => id === structure.specialized);
  const assembler = new AnswerAssembler({
    stream: 's',
    table: { timestampsUs, keyframes: Uint32Array.from(keyframes.keys()).filter(frame => keyframes[frame] === 1) },
    predicate: { label: 'person' },
    smoothingMs: 500,
  });
  const look = (frames: readonly number[]): void => {
    const rows = frames.map(frame => {
      const other = difference?.tDiffFrames == null ? -1 : frame - difference.tDiffFrames;
      const hasOther = difference !== undefined && (difference.tDiffFrames === null || other >= 0);
      const score = hasOther ? (difference.scores[frame] ?? Number.NaN) : Number.NaN;
      const confidence = specialized?.scores[frame] ?? Number.NaN;
      const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
      const kind = decide(thresholds, { difference: orNull(score), confidence: orNull(confidence) });
      return { frame, kind, score, confidence, other: hasOther ? Math.max(-1, other) : -1 };
    });
    const looks: LookColumns = {
      frames: Uint32Array.from(frames),
      kinds: Uint8Array.from(rows, ({ kind }) => (lookKinds as readonly string[]).indexOf(kind)),
      differences: Float64Array.from(rows, ({ score }) => score),
      confidences: Float64Array.from(rows, ({ confidence }) => confidence),
      comparedWith: Int32Array.from(rows, ({ other }) => other),
    };
    assembler.addLooks(looks);
    const person = { label: 'person', score: 0.9, box: { x: 0, y: 0, width: 0.5, height: 0.5 } };
    for (const { frame, kind } of rows) {
      if (kind === 'ask-reference') assembler.addAnswer(frame, { detections: rawTruth[frame] === 1 ? [person] : [] });
    }
  };
  const all = Array.from({ length: count }, (_, frame) => frame);
  const { skip } = structure;
  if (skip.kind === 'every') {
    look(all.filter(frame => frame % skip.tSkip === 0));
    assembler.settle({ from: 0, to: count });
    return assembler.take();
  }
  const starts = all.filter(frame => keyframes[frame] === 1);
  look(starts);
  const groups = new GroupResolver(frame => assembler.rawLabel(frame), count);
  for (const [i, from] of starts.entries()) {
    assembler.settle({ from, to: from + 1 });
    groups.add({ from, to: starts[i + 1] ?? count });
  }
  for (const { range, refine } of groups.take()) {
    if (refine) look(all.slice(range.from + 1, range.to));
    assembler.settle({ from: range.from + 1, to: range.to });
  }
  return assembler.take();
}
