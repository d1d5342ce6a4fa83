import { Command } from 'commander';
import { askRuns } from './control/ask-run.ts';
import type { RunStatus, ToldStream } from './control/run-status.ts';
import { formatTable } from './format-table.ts';
import { wholeNumber } from './parse-options.ts';
import { runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

interface Values {
  readonly run?: number;
  readonly json?: boolean;
}

/** `saccade status`: what the runs of this user do now. */
export function createStatusCommand(): Command {
  return new Command('status')
    .summary('say what runs do now')
    .description('Says what each `saccade run` of this user does now: its pipelines, streams, cameras, lag and drops.')
    .option('--run <number>', 'of the run with this process number alone', wholeNumber(1))
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ saccade status\n  $ saccade status --json | jq .runs[0].streams')
    .action((values: Values) =>
      runCommand(values, async ({ print }) => {
        const runs = await askRuns({ command: 'status' }, values.run);
        print({ runs }, runs.map(formatRun).join('\n'));
      }),
    );
}

/** What a run does, for people. */
export function formatRun({ pid, source, startedAt, pipelines, streams }: RunStatus): string {
  const tables = [
    formatTable([['pipeline', 'rows', 'state'], ...pipelines.map(one => [one.pipeline, String(one.rows), one.state])]),
    formatTable([
      ['stream', 'frames', 'dropped', 'lag', 'state'],
      ...streams.map(one => [one.stream, String(one.frames), String(droppedOf(one)), lagOf(one), stateOf(one)]),
    ]),
  ];
  const errors = [...streams, ...pipelines].flatMap(one =>
    one.error === null
      ? []
      : [`${'stream' in one ? one.stream : one.pipeline}: [${one.error.code}] ${one.error.message}\n`],
  );
  return `run ${pid}  ${source}, since ${startedAt}\n${tables.join('')}${errors.join('')}`;
}

function droppedOf({ dropped, kafka }: ToldStream): number {
  const put = Object.values(kafka?.deadLetters ?? {}).reduce((sum, count) => sum + count, 0);
  return Object.values(dropped).reduce((sum, count) => sum + count, put + (kafka?.skipped ?? 0));
}

function lagOf({ lagMs, kafka }: ToldStream): string {
  if (kafka !== null) return `${kafka.lag} records`;
  return lagMs === null ? '-' : `${(lagMs / 1000).toFixed(1)} s`;
}

function stateOf({ state, camera, kafka }: ToldStream): string {
  if (kafka?.trouble != null) return `${state}, [${kafka.trouble.code}]`;
  if (camera === null || state !== 'running') return state;
  const { status } = camera;
  if (status.state === 'playing') return `playing, time by the ${status.captureClock}`;
  return status.state === 'reconnecting' ? `reconnecting, [${status.code}]` : status.state;
}
