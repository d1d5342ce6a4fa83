import { cpus } from 'node:os';
import type { ExpectedErrors, ExpectedRate, PlanExpectation } from '../../cascade/index.ts';
import type { BoundedRate, ErrorTargets, FoundPlan, PlanErrors } from '../found-plan.ts';
import type { PlanCost, PlanProcesses } from '../stage-costs.ts';

/** What is known of a found plan. */
export interface ExpectPlanOptions {
  readonly found: FoundPlan;
  readonly targets: ErrorTargets;
  /** Errors on the test part; null when there is none. */
  readonly test: PlanErrors | null;
  /** Cost of the reference on every frame with the same processes. */
  readonly reference: PlanCost;
  readonly processes: PlanProcesses;
  readonly seed: number;
}

/** The field `expected` of a found plan; names the machine that this runs on. Numbers to 4 significant digits. */
export function expectPlan(options: ExpectPlanOptions): PlanExpectation {
  const { found, targets, test, reference, processes, seed } = options;
  const { falseNegativeRate, falsePositiveRate, confidence } = targets;
  const { frames, decoded, keyframes, compared, scored, referenced } = found.counts;
  const share = (count: number): number => tidy(frames === 0 ? 0 : Math.min(1, count / frames));
  return {
    targets: { falseNegativeRate, falsePositiveRate, confidence },
    status: found.status,
    errors: { threshold: expectErrors(found.errors), test: test && expectErrors(test) },
    framesPerSecond: tidy(found.cost.framesPerSecond),
    speedUp: tidy(reference.frameUs / found.cost.frameUs),
    shares: {
      decoded: share(decoded),
      keyframes: share(keyframes),
      compared: share(compared),
      scored: share(scored),
      referenced: share(referenced),
    },
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: processes.cores,
      node: process.version,
      workers: processes.workers,
      replicas: processes.replicas,
    },
    seed,
  };
}

function expectErrors({ falseNegative, falsePositive }: PlanErrors): ExpectedErrors {
  return { falseNegativeRate: expectRate(falseNegative), falsePositiveRate: expectRate(falsePositive) };
}

function expectRate({ estimate, bound }: BoundedRate): ExpectedRate {
  return { estimate: estimate && tidy(estimate), bound: tidy(bound) };
}

function tidy(value: number): number {
  return Number(value.toPrecision(4));
}
