import { basename } from 'node:path';
import type { Predicate, SkipRule, StoredModel } from '../../cascade/index.ts';
import { shownCameraUrl } from '../../ingest/index.ts';
import type { SourceDescription } from '../sources/source.ts';
import { describeOptions } from './describe-options.ts';
import type { PlanStep, StepWork } from './streams-plan.ts';

/** A step in words, on one line, without the machine's paths. */
export function describeStep({ work }: PlanStep): string {
  switch (work.kind) {
    case 'source':
      return `${describeSource(work.source)}${work.every > 1 ? `, decodes every ${ordinal(work.every)} frame` : ''}`;
    case 'skip':
      return describeSkip(work.rule);
    case 'difference':
      return describeDifference(work.stage);
    case 'specialized':
      return describeSpecialized(work);
    case 'ask':
      return `reference model ${modelName(work.model)}${describeCopies(work.copies)}`;
    case 'label':
      return `question: ${describePredicate(work.predicate)}, smoothed over ${work.smoothingMs} ms`;
    case 'map':
      return `function ${work.options.map.name || '(unnamed)'}${describeCopies(work.copies)}`;
    case 'program':
      return 'program';
    case 'merge':
      return 'streams side by side';
    case 'operator':
      return work.description === null
        ? `black box ${work.operator.name || '(an operator that does not say what it is)'}`
        : describeOptions(work.description);
  }
}

/** One line for each stage of a program, with the share of frames that it is expected to see. */
export function describeStages({ work, expected }: PlanStep): string[] {
  if (work.kind !== 'program') return [];
  const { skip, differenceDetector, specializedModel, referenceModel, copies } = work;
  const sees = (share: number | undefined): string => (share === undefined ? '' : `  ${describeExpected(share)}`);
  const stages: string[] = [];
  if (skip.kind === 'keyframes' || skip.tSkip > 1) stages.push(describeSkip(skip));
  if (differenceDetector !== null) {
    stages.push(`${describeDifference(differenceDetector)}${sees(expected?.fused?.difference)}`);
  }
  if (specializedModel !== null) {
    stages.push(`${describeSpecialized(specializedModel)}${sees(expected?.fused?.specialized)}`);
  }
  const asked = `reference model ${modelName(referenceModel)}${describeCopies(copies)}`;
  return [...stages, `${asked}${sees(expected?.seen)}`];
}

/** The share of frames that a step is expected to see. */
export function describeExpected(seen: number): string {
  return `{expected: sees ${percent(seen)} of frames}`;
}

/** A share of 0–1 in percent, to three digits. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Where a step runs, and with whom it shares what. */
export function describePlace({ work }: PlanStep): string {
  switch (work.kind) {
    case 'source':
      return ['frames', 'kafka', 'request'].includes(work.source.kind) ? 'image worker' : 'own worker';
    case 'program': {
      const { decodeGroup } = work;
      const worker = decodeGroup === null ? 'stream worker' : `stream worker "${decodeGroup}", shared: decodes once`;
      return [worker, ...describePools(work)].join('; ');
    }
    case 'ask':
    case 'specialized':
      return describePools(work).join('; ');
    default:
      return 'main process';
  }
}

function describePools(work: Extract<StepWork, { kind: 'ask' | 'specialized' | 'program' }>): string[] {
  const pool = work.pool === null ? 'own model worker' : `model worker "${work.pool}"`;
  return work.kind === 'specialized' || work.answers === null ? [pool] : [pool, 'answers shared: asked once a frame'];
}

function describeSpecialized({
  model,
  cLow,
  cHigh,
}: {
  readonly model: StoredModel;
  readonly cLow: number;
  readonly cHigh: number;
}): string {
  return `specialized model ${modelName(model)}: rejects below ${cLow}, accepts above ${cHigh}`;
}

function describeSource(source: SourceDescription): string {
  switch (source.kind) {
    case 'file':
      return `file ${basename(source.path)} as stream ${source.stream}${describeLive(source)}`;
    case 'images':
      return `images ${basename(source.path)} as stream ${source.stream}`;
    case 'frames':
      return `frames in memory as stream ${source.stream}${describeLive(source)}`;
    case 'camera':
      return `camera ${shownCameraUrl(source.camera.url)} as stream ${source.stream}${describeLive(source)}`;
    case 'kafka':
      return `topic ${source.topic} as group ${source.group}`;
    case 'request':
      return `requests as stream ${source.stream}${source.sloMs === null ? '' : `, answered within ${source.sloMs} ms`}`;
  }
}

function describeLive({ live }: Extract<SourceDescription, { kind: 'file' | 'frames' | 'camera' }>): string {
  return live === null ? '' : `, live (${live.mode ?? 'auto'})`;
}

function describeSkip(rule: SkipRule): string {
  return rule.kind === 'keyframes'
    ? 'looks at keyframes, and at all frames between two that disagree'
    : `looks at every ${ordinal(rule.tSkip)} frame`;
}

function describeDifference({
  detector,
  deltaDiff,
  reference,
}: Extract<StepWork, { kind: 'difference' }>['stage']): string {
  const { metric, width, height, format } = detector;
  const other =
    reference.kind === 'empty-scene' ? 'the empty scene' : `the frame ${reference.tDiffFrames} or more before`;
  return `unchanged where it differs from ${other} by less than ${deltaDiff} (${metric.kind}, ${width}x${height} ${format})`;
}

function describePredicate(predicate: Predicate): string {
  if ('any' in predicate) return `(${predicate.any.map(describePredicate).join(' or ')})`;
  if ('all' in predicate) return `(${predicate.all.map(describePredicate).join(' and ')})`;
  if ('not' in predicate) return `not ${describePredicate(predicate.not)}`;
  const { label, minScore, minHeight, zone } = predicate;
  const limits = [
    ...(minScore === undefined ? [] : [`score from ${minScore}`]),
    ...(minHeight === undefined ? [] : [`height from ${minHeight}`]),
    ...(zone === undefined ? [] : [`in a zone of ${zone.length} points`]),
  ];
  return limits.length === 0 ? label : `${label} (${limits.join(', ')})`;
}

function describeCopies(copies: number): string {
  return copies > 1 ? `, first of ${copies} copies` : '';
}

function modelName({ declaration: { name, version } }: StoredModel): string {
  return `${name}@${version}`;
}

function ordinal(count: number): string {
  const tens = count % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[count % 10] ?? 'th');
  return `${count}${ending}`;
}
