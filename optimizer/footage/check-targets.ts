import { optimizerErrors } from '../errors.ts';
import type { ErrorTargets } from '../found-plan.ts';

/** Checks that targets are shares. @throws OPTIMIZER_TARGET_RANGE - when one is outside its range; names it. */
export function checkTargets({ falseNegativeRate, falsePositiveRate, confidence }: ErrorTargets): void {
  const check = (target: string, value: number, holds: boolean, expected: string): void => {
    if (!holds) throw optimizerErrors.create('OPTIMIZER_TARGET_RANGE', { target, value, expected });
  };
  for (const [target, value] of Object.entries({ falseNegativeRate, falsePositiveRate })) {
    check(target, value, value >= 0 && value <= 1, 'a share from 0 to 1');
  }
  check('confidence', confidence, confidence > 0.5 && confidence < 1, 'a share above 0.5 and below 1');
}
