import {
  mapSteps,
  type PlanStep,
  type Rewrite,
  type StepWork,
  type StreamsPlan,
  stepsOf,
} from '../planner/streams-plan.ts';
import { isLive } from '../sources/source.ts';

/**
 * Sharing: steps that do the same with the same input become one, so that pipelines on one stream share its decoding, its
 * difference detector and its answers, and only their questions differ. Programs on one stream whose stages differ decode
 * together, and whoever asks the same reference model about the same stream asks once a frame.
 */
export const share: Rewrite = {
  name: 'share',
  apply: plan => askOnce(decodeTogether(mergeEqual(plan))),
};

/** Steps that answer the same frame the same way whoever asks; a function of the user's may have effects, so it stays. */
const mergeable: readonly StepWork['kind'][] = [
  'source',
  'skip',
  'difference',
  'specialized',
  'ask',
  'label',
  'program',
];

function mergeEqual(plan: StreamsPlan): StreamsPlan {
  const names = new ObjectNames();
  const merged = new Map<string, PlanStep>();
  const keys = new Map<PlanStep, string>();
  return mapSteps(plan, step => {
    const { work } = step;
    const isOwn = !mergeable.includes(work.kind) || (work.kind === 'source' && isApart(work.source));
    const key = isOwn
      ? names.of(step)
      : JSON.stringify([names.plain(work), step.inputs.map(input => keys.get(input) ?? names.of(input))]);
    const one = merged.get(key) ?? step;
    merged.set(key, one);
    keys.set(one, key);
    return one;
  });
}

/**
 * Gives programs on one stream, if there are several, the same decoding. Keyframes are decoded by a way of their own, ffmpeg
 * must know every picture before it starts, and programs on a live stream must not wait for each other.
 */
function decodeTogether(plan: StreamsPlan): StreamsPlan {
  const counts = new Map<string, number>();
  const groupOf = ({ work }: PlanStep): string | null =>
    work.kind === 'program' &&
    work.skip.kind === 'every' &&
    work.source.kind !== 'camera' &&
    work.source.decoder === 'node-av' &&
    !isLive(work.source)
      ? JSON.stringify(work.source)
      : null;
  for (const step of stepsOf(plan)) count(counts, groupOf(step));
  return mapSteps(plan, step => {
    const group = groupOf(step);
    if (step.work.kind !== 'program' || group === null || (counts.get(group) ?? 0) < 2) return step;
    return { ...step, work: { ...step.work, decodeGroup: step.work.source.stream } };
  });
}

/** Has steps that ask one model about one stream, if there are several, share the answers. */
function askOnce(plan: StreamsPlan): StreamsPlan {
  const names = new ObjectNames();
  const counts = new Map<string, number>();
  const nameOf = (step: PlanStep): string | null => {
    const source = sourceOf(step);
    if (source === null) return null;
    if (step.work.kind === 'program') return JSON.stringify([names.plain(source), step.work.referenceModel]);
    return step.work.kind === 'ask' ? JSON.stringify([names.plain(source), step.work.model]) : null;
  };
  for (const step of stepsOf(plan)) count(counts, nameOf(step));
  return mapSteps(plan, step => {
    const { work } = step;
    const name = nameOf(step);
    if ((work.kind !== 'ask' && work.kind !== 'program') || name === null || (counts.get(name) ?? 0) < 2) return step;
    const model = work.kind === 'ask' ? work.model : work.referenceModel;
    const answers = `${model.declaration.name} of ${sourceOf(step)?.stream}`;
    return { ...step, work: { ...work, answers } };
  });
}

function count(counts: Map<string, number>, key: string | null): void {
  if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Operators that pass frames on as they are. */
const passesFrames: readonly string[] = ['filter', 'tap'];

/**
 * The only stream whose frames a step sees as they are; null where there are several, behind an operator that may have put
 * other pictures into the place of a frame, and for requests, whose frames are all different.
 */
function sourceOf(step: PlanStep): Extract<StepWork, { kind: 'source' }>['source'] | null {
  let current: PlanStep | undefined = step;
  while (current !== undefined && current.work.kind !== 'source') {
    const { work, inputs }: PlanStep = current;
    if (inputs.length > 1) return null;
    if (work.kind === 'operator' && !passesFrames.includes(work.description?.kind ?? '')) return null;
    [current] = inputs;
  }
  return current?.work.kind === 'source' && !isApart(current.work.source) ? current.work.source : null;
}

/** Requests are all different, and each group of Kafka reads by itself. */
function isApart({ kind }: Extract<StepWork, { kind: 'source' }>['source']): boolean {
  return kind === 'request' || kind === 'kafka';
}

/** Names for what is no plain data: the same object has the same name. */
class ObjectNames {
  readonly #names = new Map<object, string>();

  of(value: object): string {
    const name = this.#names.get(value) ?? `#${this.#names.size}`;
    this.#names.set(value, name);
    return name;
  }

  /** Plain data in the place of a step's work or of a source. */
  plain(value: StepWork | Extract<StepWork, { kind: 'source' }>['source']): unknown {
    if (value.kind === 'source') return { ...value, source: this.plain(value.source) };
    return value.kind === 'frames' ? { ...value, images: this.of(value.images) } : value;
  }
}
