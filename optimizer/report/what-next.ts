import type { Decider } from '../../cascade/index.ts';
import type { BoundedRate } from '../found-plan.ts';
import { duration, percent, short } from './format-number.ts';
import type { OptimizerReport } from './report-data.ts';

type Facts = Omit<OptimizerReport, 'next'>;

/** Fewer events than these in the train part, and a model has seen too few to know more: a rule of thumb. */
const fewEvents = 10;
/** A stage that takes more than this share of the time is what to work on. */
const mostOfTime = 0.5;
/** A stage that makes more than this share of the wrong frames shown is what to work on; with fewer mistakes it is chance. */
const mostOfMistakes = 0.6;
const fewestMistakes = 4;
/** Predicted and measured rate may differ by this share before it is worth a word: the goal for the prediction. */
const rateTolerance = 0.2;

/** Advice from the numbers, as sentences, most useful first; never empty. */
export function whatNext(facts: Facts): string[] {
  const advice = [
    ...aboutTargets(facts),
    ...aboutLaterFootage(facts),
    ...aboutMistakes(facts),
    ...aboutTime(facts),
    ...aboutEvents(facts),
    ...aboutRate(facts),
  ];
  if (advice.length > 0) return advice;
  return [
    'Nothing needs doing: run the plan, and evaluate it on new footage now and then, since cameras and seasons change.',
  ];
}

function aboutTargets({
  plan: { expected },
  unsteadiness,
  footageNeededSeconds,
  interrupted,
  chosen,
}: Facts): string[] {
  const advice: string[] = [];
  if (interrupted) advice.push('The search was ended early: run it again to its end, which goes on from the caches.');
  if (!expected) return advice;
  const { falseNegativeRate, falsePositiveRate } = expected.targets;
  if (expected.status === 'missed') {
    const { falseNegative, falsePositive } = chosen.errors.threshold;
    const reached = `${percent(falseNegative.estimate)} missed and ${percent(falsePositive.estimate)} wrongly positive`;
    advice.push(
      `The targets cannot be reached on this footage; what can be is ${reached}. Ask for that, or change the question.`,
    );
  }
  const strictest = Math.min(falseNegativeRate, falsePositiveRate);
  if (unsteadiness > strictest && expected.status !== 'bounded') {
    advice.push(
      `The reference disagrees with its own smoothed answer in ${percent(unsteadiness)} of the frames, more than the targets allow: more smoothing (--smoothing 2s), a higher --min-score or --min-height, or a better reference model would help most.`,
    );
  }
  if (expected.status === 'estimated') {
    const { falseNegative, falsePositive } = chosen.errors.threshold;
    const blocks = `${falseNegative.blocks} blocks of time with positives and ${falsePositive.blocks} with negatives`;
    advice.push(
      footageNeededSeconds === null
        ? `The bounds rest on ${blocks}, too few for the targets: give more footage, or targets that are less strict.`
        : `The bounds rest on ${blocks}: about ${duration(footageNeededSeconds)} more footage with events as frequent would be enough to be sure.`,
    );
  }
  return advice;
}

function aboutLaterFootage({ plan: { expected }, chosen }: Facts): string[] {
  const { test } = chosen.errors;
  if (test === null)
    return ['No footage was left to test the plan on: evaluate it on later footage before relying on it.'];
  if (!expected || expected.status === 'missed') return [];
  const { falseNegativeRate, falsePositiveRate } = expected.targets;
  const exceeds = ({ estimate }: BoundedRate, target: number): boolean => (estimate ?? 0) > target;
  if (!exceeds(test.falseNegative, falseNegativeRate) && !exceeds(test.falsePositive, falsePositiveRate)) return [];
  return [
    'The later footage was harder than what the thresholds were chosen on: fit again on footage that covers what changed, such as another time of day or weather.',
  ];
}

const adviceByDecider: Readonly<Partial<Record<Decider, string>>> = {
  unchanged: 'the difference detector: footage with slow or small objects in the train part would teach it better',
  rejected: 'the small model, which rejects too much: more train footage with frames like those above would help',
  accepted: 'the small model, which accepts too much: more train footage with frames like those above would help',
  referenced:
    'the reference itself, between two looks or where it flickers: more smoothing or a better reference would help, a better cascade would not',
};

function aboutMistakes({ mistakes }: Facts): string[] {
  if (mistakes.length < fewestMistakes) return [];
  const wrongFrames = new Map<Decider, number>();
  for (const { decidedBy, frames } of mistakes) wrongFrames.set(decidedBy, (wrongFrames.get(decidedBy) ?? 0) + frames);
  const all = mistakes.reduce((sum, { frames }) => sum + frames, 0);
  for (const [decider, frames] of wrongFrames) {
    const advice = adviceByDecider[decider];
    if (advice !== undefined && frames / all > mostOfMistakes)
      return [`Of the wrong frames shown, ${percent(frames / all)} come from ${advice}.`];
  }
  return [];
}

function aboutTime({ plan, chosen: { cost } }: Facts): string[] {
  const { stagesUs } = cost;
  const all = Object.values(stagesUs).reduce((sum, timeUs) => sum + timeUs, 0);
  const share = (stage: keyof typeof stagesUs): number => (all === 0 ? 0 : stagesUs[stage] / all);
  if (share('decode') > mostOfTime) {
    const skipped =
      plan.skip.kind === 'every' ? ', or a keyframe every second, so that keyframes alone can be decoded' : '';
    return [
      `Decoding takes ${percent(share('decode'))} of the time, so better models would not make it faster: a smaller substream of the camera would${skipped}.`,
    ];
  }
  if (share('reference') > mostOfTime) {
    const asked = plan.expected ? `, which sees ${percent(plan.expected.shares.referenced)} of the frames` : '';
    return [
      `The reference takes ${percent(share('reference'))} of the time${asked}: more train footage would make the small model surer, and --replicas spreads the rest over more cores.`,
    ];
  }
  return [];
}

function aboutEvents({ footage, plan: { expected } }: Facts): string[] {
  const { events } = footage.parts.train;
  if (events >= fewEvents) return [];
  const bounded = expected?.status === 'bounded' ? 'The plan keeps its targets, but small' : 'Small';
  return [
    `${bounded} models learned from ${events} event${events === 1 ? '' : 's'} only: footage with ${fewEvents} or more would make them surer.`,
  ];
}

function aboutRate({ chosen }: Facts): string[] {
  const { measuredFramesPerSecond: measured, cost } = chosen;
  if (measured === null || Math.abs(measured / cost.framesPerSecond - 1) <= rateTolerance) return [];
  return [
    `A real run made ${short(measured)} frames a second where ${short(cost.framesPerSecond)} were predicted: the machine was busy in one of the two, so repeat this on an idle machine before trusting the costs.`,
  ];
}
