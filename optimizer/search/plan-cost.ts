import type { PlanStructure } from '../found-plan.ts';
import type { PlanCost, PlanProcesses, StageCosts, StageCounts } from '../stage-costs.ts';

/** What the cost of a plan is computed from. */
export interface PlanCostOptions {
  readonly structure: PlanStructure;
  readonly counts: StageCounts;
  readonly costs: StageCosts;
  readonly processes: PlanProcesses;
}

/**
 * Cost of a plan from how often its stages ran and what each run costs. Stages in different processes run side by side,
 * so the wall time a frame is that of the busiest resource, not a sum (Smol: min(preprocessing, inference)): the stream
 * workers, the model workers, the main process, or the cores that all of them share. Decoding is always inside, which
 * NoScope §6.2 leaves out.
 * @throws RangeError - when a candidate of the structure has no measured cost.
 */
export function planCost({ structure, counts, costs, processes }: PlanCostOptions): PlanCost {
  const { frames, decoded, keyframes, compared, scored, referenced } = counts;
  // A refined group's keyframe is decoded twice.
  const demuxed = structure.skip.kind === 'every' ? 0 : Math.max(0, frames - decoded);
  const decode = decoded * costs.decodeUs + keyframes * costs.keyframeUs + demuxed * costs.demuxUs;
  const difference = compared === 0 ? 0 : compared * measured(costs.differenceUs, structure.difference);
  const specialized = scored === 0 ? 0 : scored * measured(costs.specializedUs, structure.specialized);
  const send = referenced * costs.referenceSendUs;
  const model = referenced * costs.referenceUs;
  const decision = frames * costs.decisionUs;
  const stream = decode + difference + specialized + send;
  const byResource = {
    'stream-worker': stream / processes.workers,
    'model-worker': model / processes.replicas,
    main: decision,
    cores: (stream + model + decision) / processes.cores,
  } as const;
  const [bottleneck, totalUs] = (Object.entries(byResource) as [PlanCost['bottleneck'], number][]).reduce(
    (most, one) => (one[1] > most[1] ? one : most),
  );
  return {
    frameUs: totalUs / frames,
    framesPerSecond: (1e6 * frames) / totalUs,
    bottleneck,
    stagesUs: {
      decode: decode / frames,
      difference: difference / frames,
      specialized: specialized / frames,
      reference: (send + model) / frames,
      decision: decision / frames,
    },
  };
}

function measured(costsUs: Readonly<Record<string, number>>, id: string | null): number {
  const costUs = id === null ? undefined : costsUs[id];
  if (costUs === undefined) throw new RangeError(`The cost of ${id} was not measured.`);
  return costUs;
}
