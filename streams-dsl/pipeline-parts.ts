import type { OperatorFunction } from 'rxjs';
import type { SinkFactory } from './sink-factory.ts';
import type { Source } from './sources/source.ts';

/** A question to some streams, and where its answers go: inert until it is deployed. */
export interface Pipeline<Row = unknown> {
  /** Unique among the pipelines of a deployment. */
  readonly name: string;
  /** One or more; their frames are answered side by side. */
  readonly sources: readonly Source[];
  /** In the order in which items pass them. */
  readonly operators: readonly OperatorFunction<never, unknown>[];
  /** Each gets every row. */
  readonly sinks: readonly SinkFactory<Row>[];
}
