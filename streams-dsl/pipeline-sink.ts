import type { Sink } from '../sinks/index.ts';
import type { OperatorDescription } from './operator.ts';

/** The end of a pipeline: says where rows go, and opens it when the pipeline starts. */
export interface PipelineSink<Row> {
  /** What it is, for `explain()`. */
  readonly description: OperatorDescription;
  /**
   * Opens the receiver; the pipeline writes to it, flushes it at its end and disposes of it.
   * @throws what hinders it: nothing is started then.
   */
  open(): Promise<Sink<Row>>;
}

/** Makes a sink of a pipeline out of whatever opens a {@link Sink}. */
export function describeSink<Row>(description: OperatorDescription, open: () => Promise<Sink<Row>>): PipelineSink<Row> {
  return { description, open };
}
