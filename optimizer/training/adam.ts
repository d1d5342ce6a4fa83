import type { GraphBuilder, OnnxValue } from '../../cascade/index.ts';

/** Constants of Adam (Kingma and Ba 2015, their defaults but for epsilon). */
export const adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number } = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
};

/** Learning rate for a step, counted from 1, with Adam's bias correction: so the graph needs no counter. */
export function correctedRate(rate: number, step: number): number {
  return (rate * Math.sqrt(1 - adam.beta2 ** step)) / (1 - adam.beta1 ** step);
}

/** Declares the inputs of Adam: `p`, `m`, `v` (parameters) float32 and the corrected `rate`, a scalar. */
export function adamInputs(g: GraphBuilder, parameterCount: number): Record<'p' | 'm' | 'v' | 'rate', OnnxValue> {
  const state = (name: string): OnnxValue => g.input(name, 'float32', [parameterCount]);
  return { p: state('p'), m: state('m'), v: state('v'), rate: g.input('rate', 'float32', []) };
}

/** Adds one step of Adam and its outputs: `pNext`, `mNext`, `vNext` (parameters) float32. */
export function addAdamStep(
  g: GraphBuilder,
  { p, m, v, rate }: ReturnType<typeof adamInputs>,
  { gradient, parameterCount }: { readonly gradient: OnnxValue; readonly parameterCount: number },
): void {
  const scaled = (value: OnnxValue, factor: number): OnnxValue => g.op('Mul', [value, g.float(factor)]);
  const mNext = g.op('Add', [scaled(m, adam.beta1), scaled(gradient, 1 - adam.beta1)]);
  const squared = g.op('Mul', [gradient, gradient]);
  const vNext = g.op('Add', [scaled(v, adam.beta2), scaled(squared, 1 - adam.beta2)]);
  const denominator = g.op('Add', [g.op('Sqrt', [vNext]), g.float(adam.epsilon)]);
  const pNext = g.op('Sub', [p, g.op('Div', [g.op('Mul', [mNext, rate]), denominator])]);
  for (const [name, value] of Object.entries({ pNext, mNext, vNext })) {
    g.output(name, 'float32', [parameterCount], value);
  }
}
