import { Command } from 'commander';

/** `saccade demo`: sees it happen. */
export function createDemoCommand(): Command {
  return new Command('demo').summary('make footage, run reference and cascade over it, and compare');
}
