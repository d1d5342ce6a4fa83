import { MemorySink } from '../../sinks/index.ts';
import type { SinkFactory } from '../sink-factory.ts';

/** The end of a pipeline in memory. */
export interface MemoryFactory<Item> extends SinkFactory<Item> {
  /** What has been written, of all runs, in order. */
  readonly rows: readonly Item[];
}

/** Keeps items in memory, all of them: for tests and short runs. Promise: exactly once, as long as the process lives. */
export function toMemory<Item>(): MemoryFactory<Item> {
  const rows: Item[] = [];
  return { description: { kind: 'toMemory', options: {} }, rows, open: async () => new MemorySink(rows) };
}
