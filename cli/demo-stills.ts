import { type Decision, type FootageTaskHooks, readStills } from '../cascade/index.ts';
import type { DemoResult } from './run-demo.ts';

/** A frame for the report. */
export interface DemoStill {
  /** JPEG file. */
  readonly image: Uint8Array;
  /** The cascade's decision about it. */
  readonly answer: Decision;
  /** The reference's. */
  readonly truth: Decision;
}

const stillWidthPx = 480;
const mostStills = 6;
const leastApartUs = 1_500_000;

/** Reads the frames that show most: one of each kind of answer, and one where cascade and reference disagree. */
export async function readDemoStills(result: DemoResult, hooks: FootageTaskHooks): Promise<DemoStill[]> {
  const answers = result.cascade.decisions;
  const truth = result.reference.decisions;
  const middleOf = (frames: readonly Decision[]): Decision | undefined => frames[frames.length >> 1];
  const of = (decidedBy: Decision['decidedBy'], label: boolean): Decision | undefined =>
    middleOf(answers.filter(answer => answer.decidedBy === decidedBy && answer.label === label));
  const disagreeing = middleOf(answers.filter(({ label, frame }) => truth[frame]?.label !== label));
  const wanted = [
    disagreeing,
    of('referenced', true),
    of('accepted', true),
    of('unchanged', false),
    of('rejected', false),
    of('unchanged', true),
    of('referenced', false),
  ];
  const chosen: Decision[] = [];
  for (const answer of wanted) {
    if (answer === undefined || chosen.length >= mostStills) continue;
    // Neighbors look alike.
    if (chosen.every(({ timestampUs }) => Math.abs(timestampUs - answer.timestampUs) >= leastApartUs))
      chosen.push(answer);
  }
  const frames = chosen.map(({ frame }) => frame).sort((a, b) => a - b);
  const stills = await readStills({ footage: { path: result.path }, frames, width: stillWidthPx }, hooks);
  return [...stills].flatMap(([frame, image]) => {
    const [answer, expected] = [answers[frame], truth[frame]];
    return answer === undefined || expected === undefined ? [] : [{ image, answer, truth: expected }];
  });
}
