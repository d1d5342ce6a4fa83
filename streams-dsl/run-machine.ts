import { concat, concatMap, defer, finalize, type OperatorFunction } from 'rxjs';

/** The state of one subscription to an operator, without RxJS: what each item gives, and what the end gives. */
export interface Machine<In, Out> {
  /** Takes the next item; returns what it gives, in order. */
  next(item: In): readonly Out[];
  /** Takes the end of the source; returns what is left. Not called after an error or when nobody listens any more. */
  end(): readonly Out[];
}

/**
 * Makes an operator of a machine, one a subscription. Errors pass at once and leave out what the machine still held.
 * @param create - Makes the machine.
 */
export function runMachine<In, Out>(create: () => Machine<In, Out>): OperatorFunction<In, Out> {
  return source =>
    defer(() => {
      let machine: Machine<In, Out> | null = create();
      const next = (item: In): readonly Out[] => machine?.next(item) ?? [];
      const end = defer(() => machine?.end() ?? []);
      // The state goes with the subscription, even where somebody keeps the operator.
      return concat(source.pipe(concatMap(next)), end).pipe(
        finalize(() => {
          machine = null;
        }),
      );
    });
}
