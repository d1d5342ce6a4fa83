import type { OperatorFunction } from 'rxjs';
import type { FrameItem } from './frame-item.ts';
import type { Pipeline } from './pipeline-parts.ts';
import type { SinkFactory } from './sink-factory.ts';
import type { Source } from './sources/source.ts';
import { validatePipeline } from './validate-pipeline.ts';

export type { Pipeline } from './pipeline-parts.ts';

/** What a pipeline begins with. */
type From<Item> = Source<Item> | readonly Source<Item>[];

/** What may follow where items of a type come out: another operator, or a sink for them. */
type Step<In, Out> = OperatorFunction<In, Out> | SinkFactory<NoInfer<In>>;

/**
 * Puts a pipeline together: frames of the sources pass the operators in their order, what comes out goes to the sinks.
 * Operators of RxJS may stand among ours, and pass as black boxes. Up to ten operators; put more into a `pipe()` of RxJS
 * (but not the frame operators).
 *
 * One signature rather than one for each number of operators: of several, the first one tried decides what type a sink made
 * on the spot, such as `toMemory()`, takes.
 * @param name - Letters, digits, `.`, `_` and `-`.
 * @param steps - Operators, then sinks.
 * @throws STREAMS_PIPELINE_INVALID - when an argument is not what its place wants; the message names the place.
 * @example
 * pipeline('door', file('door.mp4'), cascade({ plan: 'door.plan.json' }), toJsonl('door.jsonl'));
 */
export function pipeline<A = FrameItem, B = A, C = B, D = C, E = D, F = E, G = F, H = G, I = H, J = I, K = J>(
  name: string,
  from: From<A>,
  ...steps: [
    b?: Step<A, B>,
    c?: Step<B, C>,
    d?: Step<C, D>,
    e?: Step<D, E>,
    f?: Step<E, F>,
    g?: Step<F, G>,
    h?: Step<G, H>,
    i?: Step<H, I>,
    j?: Step<I, J>,
    k?: Step<J, K>,
    ...sinks: SinkFactory<NoInfer<K>>[],
  ]
): Pipeline<K> {
  return validatePipeline(name, from, steps) as Pipeline<K>;
}
