import { checkCamera, probeFootage } from '../ingest/index.ts';
import { descriptionOf } from './operator.ts';
import type { Pipeline } from './pipeline.ts';
import { type PlanOptions, planPipelines } from './planner/plan-pipelines.ts';
import { resolveStage } from './planner/resolve-stage.ts';
import { checkDelivery } from './sinks/check-delivery.ts';
import type { SourceDescription } from './sources/source.ts';
import { stageOf } from './stages/stage.ts';

/** What would hinder a pipeline. */
export interface PipelineProblem {
  readonly pipeline: string;
  /** Such as `source 1, file()` or `operator 2, cascade()`; empty: the pipeline as a whole. */
  readonly place: string;
  readonly error: unknown;
}

/**
 * Checks everything that pipelines need and that can be seen without starting them: that files are there and open, that the credentials of cameras are there, that
 * models, plans and pictures are there and fit, that sinks could be opened. Nothing is decoded, written or connected to.
 * @returns every problem, in the order of the pipelines; none: they can be started.
 */
export async function checkPipelines(
  pipelines: readonly Pipeline[],
  { models = 'models' }: Pick<PlanOptions, 'models'> = {},
): Promise<PipelineProblem[]> {
  return (await Promise.all(pipelines.map(one => checkOne(one, models)))).flat();
}

async function checkOne(pipeline: Pipeline, models: string): Promise<PipelineProblem[]> {
  const { name, sources, operators, sinks } = pipeline;
  const attempt = async (place: string, check: () => Promise<unknown> | undefined): Promise<PipelineProblem[]> => {
    try {
      await check();
      return [];
    } catch (error) {
      return [{ pipeline: name, place, error }];
    }
  };
  const stages = operators.flatMap((operator, i) => {
    const stage = stageOf(operator);
    if (stage === undefined) return [];
    const place = `operator ${i + 1}, ${descriptionOf(operator)?.kind ?? stage.kind}()`;
    return (stage.kind === 'cascade' ? stage.stages : [stage]).map(part =>
      attempt(place, () => resolveStage(part, models)),
    );
  });
  const problems = await Promise.all([
    ...sources.map(({ description }, i) =>
      attempt(`source ${i + 1}, ${description.kind}()`, () => checkSource(description)),
    ),
    ...stages,
    ...sinks.map((sink, i) => attempt(`sink ${i + 1}, ${sink.description.kind}()`, () => sink.check?.())),
  ]);
  const found = problems.flat();
  const isPlannable = found.every(({ place }) => !place.startsWith('operator'));
  return isPlannable ? [...found, ...(await attempt('', () => planPipelines([pipeline], { models })))] : found;
}

async function checkSource(source: SourceDescription): Promise<unknown> {
  if (source.kind === 'camera') return checkCamera(source.camera);
  if (source.kind === 'kafka') return checkDelivery(source.connection.sasl?.password, undefined);
  if (source.kind !== 'file' && source.kind !== 'images') return undefined;
  const { path, decoder } = source;
  return probeFootage({ path, decoder });
}
