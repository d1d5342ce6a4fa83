import { type ConsoleOptions, ConsoleSink } from '../../sinks/index.ts';
import { checkOptions, choiceRule, functionRule, optional } from '../check-options.ts';
import type { SinkFactory } from '../sink-factory.ts';
import { functionName } from '../user-function.ts';

/**
 * Shows items on standard output, as lines for people or as JSON. Promise: at most once.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit.
 */
export function toConsole<Item>(options: ConsoleOptions<Item> = {}): SinkFactory<Item> {
  checkOptions('toConsole', options, {
    format: optional(choiceRule('text', 'json')),
    toLine: optional(functionRule),
  });
  const { format = 'text', toLine } = options;
  return {
    description: { kind: 'toConsole', options: { format, toLine: toLine && functionName(toLine) } },
    open: async () => new ConsoleSink(options),
  };
}
