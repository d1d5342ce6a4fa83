import { Command } from 'commander';
import { askRuns } from './control/ask-run.ts';
import { cliErrors } from './control/control-errors.ts';
import { wholeNumber } from './parse-options.ts';
import { runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';
import { formatRun } from './status.ts';

interface Values {
  readonly run?: number;
  readonly json?: boolean;
}

/** `saccade pause`: holds streams of a run up. */
export function createPauseCommand(): Command {
  return create(
    'pause',
    'hold streams of a run up',
    'Lets no more frames of streams in; what is under way is finished.',
  );
}

/** `saccade resume`: lets streams go on. */
export function createResumeCommand(): Command {
  return create(
    'resume',
    'let streams of a run go on',
    'Lets the frames of streams in again that `saccade pause` held up.',
  );
}

function create(command: 'pause' | 'resume', summary: string, description: string): Command {
  return new Command(command)
    .summary(summary)
    .description(`${description} Without names: all streams of the run.`)
    .argument('[streams...]', 'names of streams, as `saccade status` shows them')
    .option('--run <number>', 'process number of the run, where there are several', wholeNumber(1))
    .addOption(jsonOption())
    .addHelpText('after', `\nExample:\n  $ saccade ${command} door yard`)
    .action((streams: readonly string[], values: Values) =>
      runCommand(values, async ({ print }) => {
        const pid = values.run ?? (await onlyRun(streams));
        const runs = await askRuns({ command, streams }, pid);
        print({ runs }, runs.map(formatRun).join('\n'));
      }),
    );
}

/** The only run, or the only one with all of these streams. */
async function onlyRun(streams: readonly string[]): Promise<number> {
  const runs = await askRuns({ command: 'status' }, undefined);
  const meant = runs.filter(run => streams.every(name => run.streams.some(({ stream }) => stream === name)));
  const [first, second] = meant.length > 0 ? meant : runs;
  if (first !== undefined && second === undefined) return first.pid;
  const found = (meant.length > 0 ? meant : runs).map(({ pid }) => pid).join(', ');
  throw cliErrors.create('CLI_RUN_AMBIGUOUS', { found });
}
