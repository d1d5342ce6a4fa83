import type { OperatorFunction } from 'rxjs';
import type { KeptState } from './kept-state.ts';

/** What an operator says of itself, so that it can be explained and rewritten. */
export interface OperatorDescription {
  /** What it is, such as `filter` or `cascade`; the name of the function that made it. */
  readonly kind: string;
  /** Its options as plain JSON, for `explain()`; functions are named by their own name or `(function)`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * An RxJS operator that carries a description of itself. It stands in any RxJS `pipe`; in a pipeline the planner reads the
 * description. Operators of RxJS itself carry none and pass as black boxes.
 */
export type StreamOperator<In, Out> = OperatorFunction<In, Out> & { readonly description: OperatorDescription };

/** Gives an RxJS operator a description. */
export function describeOperator<In, Out>(
  description: OperatorDescription,
  operator: OperatorFunction<In, Out>,
): StreamOperator<In, Out> {
  return Object.assign((source: Parameters<typeof operator>[0]) => operator(source), { description });
}

/** An operator whose state can outlive its subscription. */
export interface StatefulOperator<In, Out> extends StreamOperator<In, Out> {
  /** The same operator, which keeps there what it knows of each stream. */
  keptIn(state: KeptState): StreamOperator<In, Out>;
}

/** Whether an operator's state can be kept. */
export function keepsState<In, Out>(operator: OperatorFunction<In, Out>): operator is StatefulOperator<In, Out> {
  return 'keptIn' in operator;
}

/** The description of an operator; undefined for a black box. */
export function descriptionOf(operator: object): OperatorDescription | undefined {
  return 'description' in operator ? (operator as StreamOperator<unknown, unknown>).description : undefined;
}
