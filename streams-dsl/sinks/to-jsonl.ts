import { checkOutput, JsonlSink } from '../../sinks/index.ts';
import { checkOptions, functionRule, optional, textRule } from '../check-options.ts';
import type { SinkFactory } from '../sink-factory.ts';
import { functionName } from '../user-function.ts';

/** How rows are written. */
export interface ToJsonlOptions<Item> {
  /** What is written of an item, as plain data. Default the item itself. */
  readonly toJson?: (item: Item) => unknown;
}

/**
 * Writes items to a JSON Lines file, which is replaced, or to standard output. Promise: at most once; a killed process
 * loses at most its last second.
 * @param path - File to write, in a folder that exists, or `-`.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit.
 */
export function toJsonl<Item>(path: string, options: ToJsonlOptions<Item> = {}): SinkFactory<Item> {
  checkOptions('toJsonl', { ...options, path }, { path: textRule, toJson: optional(functionRule) });
  const { toJson } = options;
  return {
    description: { kind: 'toJsonl', options: { path, toJson: toJson && functionName(toJson) } },
    check: () => checkOutput(path),
    open: () => JsonlSink.open({ path, ...options }),
  };
}
