import type { Sink } from '../sinks/index.ts';
import type { OperatorDescription } from './operator.ts';

/** The end of a pipeline: says what it is, and opens the sink when the pipeline starts. Nothing happens before. */
export interface SinkFactory<Item> {
  /** What it is, for `explain()`; holds no secrets. */
  readonly description: OperatorDescription;
  /** Throws what would hinder {@link open}, as far as that can be seen without any effect. Default: nothing is looked at. */
  check?(): Promise<void>;
  /** Opens the sink, which belongs to the caller; once for each run. */
  open(): Promise<Sink<Item>>;
}
