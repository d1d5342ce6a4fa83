import { type Command, Option } from 'commander';
import type { Predicate, ZonePoint } from '../cascade/index.ts';
import { durationMs, share, zone } from './parse-options.ts';

/** Values of the options that say what is looked for, and whose answer is the truth. */
export interface QueryValues {
  readonly reference: string;
  /** One or more: any of them makes a frame positive. */
  readonly label: readonly string[];
  readonly minScore?: number;
  readonly minHeight?: number;
  readonly zone?: readonly ZonePoint[];
  /** In ms. */
  readonly smoothing: number;
}

/** Adds the options that say what is looked for to a command. */
export function addQueryOptions(command: Command): Command {
  return command
    .requiredOption('--reference <model>', 'name, name@version or folder of a detector: what it says is the truth')
    .requiredOption('--label <name...>', 'what is looked for: a label of the detector, or several of which any counts')
    .option('--min-score <0-1>', 'least score of a detection (default: 0.5)', share)
    .option('--min-height <0-1>', 'least height of its box as a share of the frame (default: 0)', share)
    .option('--zone <points>', 'polygon that the foot of its box must be in: "x,y x,y x,y", shares of the frame', zone)
    .addOption(
      new Option('--smoothing <time>', 'window of the majority that steadies the labels; 0 is raw')
        .default(1000, '1s')
        .argParser(durationMs),
    );
}

/** When a frame is positive, as the options say it. */
export function predicateOf({ label, minScore, minHeight, zone: polygon }: QueryValues): Predicate {
  const predicates = label.map(name => ({ label: name, minScore, minHeight, zone: polygon }));
  const [only] = predicates;
  return only !== undefined && predicates.length === 1 ? only : { any: predicates };
}

/** The question in words, such as `person or vehicle`. */
export function queryNameOf({ label }: QueryValues): string {
  return label.join(' or ');
}
