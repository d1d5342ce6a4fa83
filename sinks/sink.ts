/** How often a row may arrive when processes die and are started again. */
export type DeliveryPromise = 'at-most-once' | 'at-least-once' | 'exactly-once';

/**
 * Where answers go. Rows arrive in the order in which they are written.
 *
 * Not promised: that a row has arrived when `write` resolves; only `flush` says that. Disposing flushes, but is not
 * guaranteed to run.
 */
export interface Sink<Row> extends AsyncDisposable {
  /** What the sink promises about each row; the class says on what terms. */
  readonly delivery: DeliveryPromise;
  /**
   * Takes rows, and resolves when more may come: a sink that cannot keep up makes its writer wait. The rows are not
   * needed after the call.
   * @throws what an earlier, unfinished write ran into: nothing is taken after an error.
   */
  write(rows: readonly Row[]): Promise<void>;
  /** Resolves when every row taken so far has been handed to the receiver. */
  flush(): Promise<void>;
}
