import type { Pipeline } from '../pipeline.ts';
import type { StepStatus } from '../runtime/plan-run.ts';
import { describeOptions } from './describe-options.ts';
import { describeExpected, describePlace, describeStages, describeStep, percent } from './describe-step.ts';
import { type PlanOptions, planPipelines } from './plan-pipelines.ts';
import { type PlanStep, type StreamsPlan, stepsOf } from './streams-plan.ts';

/** How pipelines are explained. */
export interface ExplainOptions extends PlanOptions {
  /** What the steps of a deployment with the same pipelines and rewrites did, to stand beside them. Default none. */
  readonly measured?: readonly StepStatus[];
}

/**
 * What pipelines say and how they are run, as two trees from the sinks down to the sources, with what is expected of each step
 * and, where they ran, what was measured. A step that several take from is shown once and named after that.
 * @throws what planning them throws; nothing is started.
 */
export async function explain(pipelines: readonly Pipeline[], options: ExplainOptions = {}): Promise<string> {
  const { logical, physical } = await planPipelines(pipelines, options);
  const measured = new Map((options.measured ?? []).map(status => [status.step, status]));
  const asWritten = treeOf(logical, step => expectation(step));
  const takers = new Map<PlanStep, PlanStep[]>();
  for (const step of stepsOf(physical)) {
    for (const input of step.inputs) takers.set(input, [...(takers.get(input) ?? []), step]);
  }
  const isReadByProgram = (step: PlanStep): boolean =>
    takers.get(step)?.every(({ work }) => work.kind === 'program') ?? false;
  const asRun = treeOf(physical, step => [
    isReadByProgram(step) ? '[read there]' : `[${describePlace(step)}]`,
    ...expectation(step),
    ...measurement(measured.get(step.id)),
  ]);
  return `As written\n${asWritten}\nAs run\n${asRun}`;
}

function treeOf(plan: StreamsPlan, notes: (step: PlanStep) => string[]): string {
  const shown = new Set<PlanStep>();
  const lines: string[] = [];
  const show = (step: PlanStep, indent: string, isLast: boolean): void => {
    const isShown = shown.has(step);
    shown.add(step);
    const text = isShown ? `(${step.id}, above)` : [`${step.id}  ${describeStep(step)}`, ...notes(step)].join('  ');
    lines.push(`${indent}${isLast ? '└' : '├'}─ ${text}`);
    if (isShown) return;
    const below = `${indent}${isLast ? ' ' : '│'}  `;
    for (const stage of describeStages(step)) lines.push(`${below}${step.inputs.length > 0 ? '│' : ' '}  ${stage}`);
    for (const [i, input] of step.inputs.entries()) show(input, below, i === step.inputs.length - 1);
  };
  for (const { name, sinks, end } of plan.pipelines) {
    lines.push(`${name} → ${sinks.map(sink => describeOptions(sink.description)).join(', ') || 'nowhere'}`);
    show(end, '', true);
  }
  return `${lines.join('\n')}\n`;
}

function expectation(step: PlanStep): string[] {
  const { work, expected } = step;
  if (expected !== null) {
    const { seen, framesPerSecond } = expected;
    const cost =
      framesPerSecond === null
        ? []
        : [
            `{expected cost: ${Number((1000 / framesPerSecond).toPrecision(2))} ms a frame, ${Math.round(framesPerSecond)} frames/s}`,
          ];
    // The stages of a program say it one by one.
    return work.kind === 'program' ? cost : [describeExpected(seen), ...cost];
  }
  const most = mostSeen(step);
  const looks = ['difference', 'specialized', 'ask', 'map', 'program'].includes(work.kind);
  return looks && most < 1 ? [`{sees at most ${percent(most)} of frames}`] : [];
}

/** Share of frames that a step can see at most, 0–1: what the skip rules before it leave. */
function mostSeen({ work, inputs }: PlanStep): number {
  const before = inputs.reduce((most, input) => Math.max(most, mostSeen(input)), inputs.length === 0 ? 1 : 0);
  if (work.kind === 'source') return 1 / work.every;
  if (work.kind === 'skip' && work.rule.kind === 'every') return before / work.rule.tSkip;
  if (work.kind === 'program' && work.skip.kind === 'every') return before / work.skip.tSkip;
  return before;
}

function measurement(status: StepStatus | undefined): string[] {
  if (status === undefined) return [];
  const { rowsIn, rowsOut, mainMs, waiting, program, lost } = status;
  const parts = [rowsIn > 0 ? `${rowsIn} → ${rowsOut} rows` : `${rowsOut} rows`];
  if (mainMs > 0) parts.push(`${mainMs.toFixed(1)} ms in main`);
  if (waiting.most > 0) parts.push(`queue at most ${waiting.most}`);
  if (program !== null) {
    const { decode, scale, difference, specialized } = program.busySeconds;
    const times = { decode, scale, difference, specialized };
    const stages = Object.entries(times).map(([stage, seconds]) => `${stage} ${(seconds * 1000).toFixed(0)} ms`);
    parts.push(stages.join(', '));
  }
  if (lost.calls > 0) parts.push(`${lost.calls} beaten calls, ${lost.wallMs.toFixed(0)} ms`);
  return [`{measured: ${parts.join('; ')}}`];
}
