import { type BareDecode, deciders } from '../cascade/index.ts';
import type { AnsweredFootage } from './answer-footage.ts';
import { formatFacts, formatTable, mebibytes, percent, short } from './format-table.ts';

/** What `saccade run` and `saccade label` print at their end; with `--json` as it is. Times in seconds. */
export interface RunSummary extends Omit<AnsweredFootage, 'stats' | 'decidedBy'> {
  readonly source: string;
  readonly out: string;
  readonly stream: string;
  readonly query: string;
  /** Who answered, without those who answered nothing; `share` of all answered frames, 0–1. */
  readonly decidedBy: readonly { readonly decidedBy: string; readonly frames: number; readonly share: number }[];
  readonly referenceCalls: number;
  /** `startup`: until all workers were ready; `run`: from then to the last label; `wall`: the whole command. */
  readonly seconds: { readonly startup: number; readonly run: number; readonly wall: number };
  /** Frames answered by this run ÷ `seconds.run`. */
  readonly framesPerSecond: number;
  /** Null unless it was measured; `share`: `framesPerSecond` ÷ the bare decode's. */
  readonly bareDecode: { readonly framesPerSecond: number; readonly share: number } | null;
  readonly busySeconds: AnsweredFootage['stats']['busySeconds'];
  readonly peakRssBytes: AnsweredFootage['stats']['peakRssBytes'];
  readonly damage: AnsweredFootage['stats']['damage'];
  readonly restarts: number;
}

/** Puts the summary of a run together. */
export function summarizeRun(
  answered: AnsweredFootage,
  named: Pick<RunSummary, 'source' | 'out' | 'stream' | 'query'>,
  { wallSeconds, bareDecode }: { wallSeconds: number; bareDecode: BareDecode | null },
): RunSummary {
  const { stats, decidedBy, ...counts } = answered;
  const { startupSeconds, runSeconds, busySeconds, referenceCalls, peakRssBytes, damage, restarts } = stats;
  const framesPerSecond = runSeconds > 0 ? (answered.answered - answered.resumedFrom) / runSeconds : 0;
  return {
    ...named,
    ...counts,
    decidedBy: deciders
      .map(decider => ({
        decidedBy: decider,
        frames: decidedBy[decider],
        share: decidedBy[decider] / Math.max(1, answered.answered),
      }))
      .filter(({ frames }) => frames > 0),
    referenceCalls,
    seconds: { startup: startupSeconds, run: runSeconds, wall: wallSeconds },
    framesPerSecond,
    bareDecode: bareDecode && {
      framesPerSecond: bareDecode.framesPerSecond,
      share: framesPerSecond / bareDecode.framesPerSecond,
    },
    busySeconds,
    peakRssBytes,
    damage,
    restarts,
  };
}

/** The summary for people. */
export function formatRunSummary(summary: RunSummary): string {
  const { frames, answered, resumedFrom, seconds, bareDecode, peakRssBytes, damage, positives } = summary;
  const table = formatTable([
    ['decided by', 'frames', 'share'],
    ...summary.decidedBy.map(({ decidedBy, frames: count, share }) => [decidedBy, String(count), percent(share)]),
  ]);
  const busy = Object.entries(summary.busySeconds).map(([stage, value]) => `${stage} ${short(value)} s`);
  const facts: [string, string][] = [
    ['frames', `${answered}${answered < frames ? ` of ${frames}` : ''}`],
    ['label true', `${positives} (${percent(answered > 0 ? positives / answered : null)})`],
    ['reference calls', String(summary.referenceCalls)],
    ['time', `startup ${short(seconds.startup)} s, run ${short(seconds.run)} s, in all ${short(seconds.wall)} s`],
    ['end to end', `${short(summary.framesPerSecond)} fps`],
    ['busy', busy.join(', ')],
    [
      'peak memory',
      `main ${mebibytes(peakRssBytes.main)}, stream workers ${mebibytes(peakRssBytes.streamWorkers)}, model workers ${mebibytes(peakRssBytes.modelWorkers)}`,
    ],
    ['damage', `${damage.refusedPackets} refused packets, ${damage.concealedFrames} concealed frames`],
    ['restarts', String(summary.restarts)],
    ['output', summary.out],
  ];
  if (bareDecode !== null) {
    const share = `${percent(bareDecode.share)} of the bare decode rate (${short(bareDecode.framesPerSecond)} fps)`;
    facts.splice(5, 0, ['', share]);
  }
  if (resumedFrom > 0) facts.splice(1, 0, ['resumed from', `frame ${resumedFrom}`]);
  const ending = summary.interrupted ? '\ninterrupted: go on with --resume\n' : '';
  return `${table}\n${formatFacts(facts)}${ending}`;
}
