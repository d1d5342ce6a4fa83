import type {
  CascadePlan,
  DifferenceStage,
  ExpectedErrors,
  ExpectedRate,
  PlanExpectation,
  SkipRule,
} from '../../cascade/index.ts';
import { describePredicate } from './describe-predicate.ts';
import { ordinal, percent, short } from './format-number.ts';

/** A plan in words, as sentences. */
export interface PlanWords {
  /** The question. */
  readonly asks: string;
  /** What is done with a frame, stage by stage. */
  readonly does: string;
  /** How fast that is; null for a plan of which nothing is expected, as the next two. */
  readonly speed: string | null;
  /** How often it is wrong. */
  readonly errors: string | null;
  /** Whether the targets are kept, and how sure that is. */
  readonly targets: string | null;
}

/** Says a plan in words, for people. */
export function describePlan(plan: CascadePlan): PlanWords {
  const { expected } = plan;
  const query = describePredicate(plan.predicate);
  return {
    asks: `Asks of every frame: ${query}?`,
    does: `${capital([describeSkip(plan.skip), ...describeStages(plan)].join('; '))}.`,
    speed: expected ? describeSpeed(expected) : null,
    errors: expected ? describeErrors(expected) : null,
    targets: expected ? describeTargets(expected) : null,
  };
}

/** A skip rule in words, such as `looks at every 5th frame`. */
export function describeSkip(skip: SkipRule): string {
  if (skip.kind === 'keyframes') return 'looks at keyframes, and between two of them only where their answers differ';
  return `looks at every ${skip.tSkip === 1 ? '' : `${ordinal(skip.tSkip)} `}frame`;
}

function describeStages({ differenceDetector, specializedModel, referenceModel, expected }: CascadePlan): string[] {
  const share = expected ? `, about ${percent(expected.shares.referenced)} of all frames` : '';
  const asksAll = differenceDetector === null && specializedModel === null;
  return [
    ...(differenceDetector === null ? [] : [describeDifference(differenceDetector)]),
    ...(specializedModel === null ? [] : [describeSpecialized(specializedModel)]),
    `asks ${referenceModel.model} about ${asksAll ? 'each of these' : 'the rest'}${share}`,
  ];
}

function describeDifference({ detector, reference, deltaDiff }: DifferenceStage): string {
  const { metric, width, height, format } = detector;
  const what =
    metric.kind === 'global'
      ? `mean squared difference at ${width}×${height} ${format}`
      : `weighted difference of ${metric.grid}×${metric.grid} blocks at ${width}×${height} ${format}`;
  const [than, answer] =
    reference.kind === 'empty-scene'
      ? ['the empty scene', 'calls those negative']
      : [`the frame ${reference.tDiffFrames} earlier`, "gives those that frame's answer"];
  return `takes frames that differ from ${than} by less than ${short(deltaDiff)} (${what}) for unchanged and ${answer}`;
}

function describeSpecialized({ model, cLow, cHigh }: NonNullable<CascadePlan['specializedModel']>): string {
  const rejects = cLow > 0 ? `rejects below ${short(cLow)}` : null;
  const accepts = cHigh < 1 ? `accepts above ${short(cHigh)}` : null;
  const says = [rejects, accepts].filter(part => part !== null).join(' and ');
  return `the small model ${model} ${says || 'answers nothing by itself'}`;
}

function describeSpeed({ framesPerSecond, speedUp, machine }: PlanExpectation): string {
  const rate = `${short(framesPerSecond)} frames a second with decoding inside`;
  return `${short(speedUp)}× as fast as the reference on every frame (${rate}; ${machine.workers} stream and ${machine.replicas} model worker${machine.replicas === 1 ? '' : 's'} on ${machine.cores} core${machine.cores === 1 ? '' : 's'}).`;
}

function describeErrors({ errors, targets }: PlanExpectation): string {
  const { test, threshold } = errors;
  const where =
    test === null ? 'Where its thresholds were chosen, it' : 'On later footage, on which nothing was chosen, it';
  return `${where} ${ratesInWords(test ?? threshold, targets.confidence)}.`;
}

function ratesInWords({ falseNegativeRate, falsePositiveRate }: ExpectedErrors, confidence: number): string {
  const most = ({ bound }: ExpectedRate): string => `(at most ${percent(bound)})`;
  const [missed, alarms] = [falseNegativeRate.estimate, falsePositiveRate.estimate];
  const misses =
    missed === null
      ? 'met no positive frame'
      : `misses ${percent(missed)} of the positive frames ${most(falseNegativeRate)}`;
  const calls =
    alarms === null
      ? 'met no negative frame'
      : `calls ${percent(alarms)} of the negative ones positive ${most(falsePositiveRate)}`;
  return `${misses} and ${calls}, each with ${confidenceInWords(confidence)} confidence`;
}

function confidenceInWords(confidence: number): string {
  return `${Number((100 * confidence).toPrecision(4))} %`;
}

function describeTargets({ targets, status }: PlanExpectation): string {
  const { falseNegativeRate, falsePositiveRate, confidence } = targets;
  const wanted = `at most ${percent(falseNegativeRate)} missed and ${percent(falsePositiveRate)} wrongly positive`;
  const sure = confidenceInWords(confidence);
  switch (status) {
    case 'bounded':
      return `The targets, ${wanted}, are kept with ${sure} confidence.`;
    case 'estimated':
      return `The targets, ${wanted}, are kept on the footage given, but it is too short to be ${sure} sure.`;
    case 'missed':
      return `The targets, ${wanted}, are missed: no plan keeps them on this footage.`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
