import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Dropped, droppedChannel } from '../../streams-dsl/index.ts';

/** Records what operators drop until it is disposed of. */
export function recordDrops(): Disposable & { readonly drops: readonly Dropped[] } {
  const drops: Dropped[] = [];
  const take = (message: unknown): void => {
    drops.push(message as Dropped);
  };
  subscribe(droppedChannel, take);
  return { drops, [Symbol.dispose]: () => unsubscribe(droppedChannel, take) };
}
