import type { OperatorFunction } from 'rxjs';
import type { FrameItem } from './frame-item.ts';
import type { SinkFactory } from './sink-factory.ts';
import type { Source } from './sources/source.ts';
import { validatePipeline } from './validate-pipeline.ts';

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

/** What a pipeline begins with. */
type From<Item> = Source<Item> | readonly Source<Item>[];
type Op<In, Out> = OperatorFunction<In, Out>;
type Sinks<Row> = readonly SinkFactory<NoInfer<Row>>[];

/**
 * Puts a pipeline together: frames of the sources pass the operators in their order, what comes out goes to the sinks.
 * Operators of RxJS may stand among ours, and pass as black boxes. Up to nine operators; put more into a `pipe()` of RxJS
 * (but not the frame operators).
 * @param name - Letters, digits, `.`, `_` and `-`.
 * @throws STREAMS_PIPELINE_INVALID - when an argument is not what its place wants; the message names the place.
 * @example
 * pipeline('door', file('door.mp4'), cascade({ plan: 'door.plan.json' }), toJsonl({ path: 'door.jsonl' }));
 */
export function pipeline<A = FrameItem>(name: string, from: From<A>, ...sinks: Sinks<A>): Pipeline<A>;
export function pipeline<A, B>(name: string, from: From<A>, b: Op<A, B>, ...sinks: Sinks<B>): Pipeline<B>;
export function pipeline<A, B, C>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  ...sinks: Sinks<C>
): Pipeline<C>;
export function pipeline<A, B, C, D>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  ...sinks: Sinks<D>
): Pipeline<D>;
export function pipeline<A, B, C, D, E>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  e: Op<D, E>,
  ...sinks: Sinks<E>
): Pipeline<E>;
export function pipeline<A, B, C, D, E, F>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  e: Op<D, E>,
  f: Op<E, F>,
  ...sinks: Sinks<F>
): Pipeline<F>;
export function pipeline<A, B, C, D, E, F, G>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  e: Op<D, E>,
  f: Op<E, F>,
  g: Op<F, G>,
  ...sinks: Sinks<G>
): Pipeline<G>;
export function pipeline<A, B, C, D, E, F, G, H>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  e: Op<D, E>,
  f: Op<E, F>,
  g: Op<F, G>,
  h: Op<G, H>,
  ...sinks: Sinks<H>
): Pipeline<H>;
export function pipeline<A, B, C, D, E, F, G, H, I>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  e: Op<D, E>,
  f: Op<E, F>,
  g: Op<F, G>,
  h: Op<G, H>,
  i: Op<H, I>,
  ...sinks: Sinks<I>
): Pipeline<I>;
export function pipeline<A, B, C, D, E, F, G, H, I, J>(
  name: string,
  from: From<A>,
  b: Op<A, B>,
  c: Op<B, C>,
  d: Op<C, D>,
  e: Op<D, E>,
  f: Op<E, F>,
  g: Op<F, G>,
  h: Op<G, H>,
  i: Op<H, I>,
  j: Op<I, J>,
  ...sinks: Sinks<J>
): Pipeline<J>;
export function pipeline(name: unknown, from: unknown, ...rest: readonly unknown[]): Pipeline {
  return validatePipeline(name, from, rest);
}
