import { mapSteps, type Rewrite } from '../planner/streams-plan.ts';

/**
 * Competitive execution: a step that the user marked with `compete: k` is done k times at once; the first answer counts, the
 * others are cancelled and their cost is counted. For steps whose time varies a lot.
 */
export const compete: Rewrite = {
  name: 'compete',
  apply: plan =>
    mapSteps(plan, step => {
      const { work } = step;
      if (work.kind === 'ask' && work.compete > 1) return { ...step, work: { ...work, copies: work.compete } };
      if (work.kind === 'map' && work.options.compete > 1) {
        return { ...step, work: { ...work, copies: work.options.compete } };
      }
      return step;
    }),
};
