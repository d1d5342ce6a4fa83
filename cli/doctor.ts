import { Command } from 'commander';
import { formatFacts } from './format-table.ts';
import { inspectMachine, type MachineReport } from './inspect-machine.ts';
import { runCommand } from './run-command.ts';
import { jsonOption } from './run-options.ts';

/** `saccade doctor`: what this machine has and lacks. */
export function createDoctorCommand(): Command {
  return new Command('doctor')
    .summary('say what this machine has and lacks')
    .description('Says what this machine has and lacks: Node, decoders, inference engines, memory, folders.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade doctor --json | jq .engine')
    .action((values: { json?: boolean }) =>
      runCommand(values, async ({ print }) => {
        const report = await inspectMachine();
        print(report, format(report));
      }),
    );
}

function format({ node, decoders, engine, memory, cpu, data, models }: MachineReport): string {
  return formatFacts([
    ['Node', `${node.version} on ${node.platform}${node.ok ? '' : ` — needs ${node.wanted}`}`],
    ...decoders.map((decoder): [string, string] => [
      `decoder ${decoder.name}`,
      decoder.isAvailable
        ? [`FFmpeg ${decoder.version}, ${decoder.licence}`, ...decoder.programs].join(', ')
        : `missing: ${decoder.problem}`,
    ]),
    ['onnxruntime', engine.isAvailable ? engine.version : `missing: ${engine.problem}`],
    ...(engine.isAvailable ? engine.devices : []).map(({ device, isUsable, reason }): [string, string] => [
      `device ${device}`,
      isUsable ? 'usable' : `not usable: ${reason}`,
    ]),
    ['cores', `${cpu.cores}, ${cpu.model}`],
    ['memory', `${gibibytes(memory.freeBytes)} free of ${gibibytes(memory.totalBytes)}`],
    ['data folder', data.path ?? 'none (set SACCADE_DATA to run the tests on real footage)'],
    ['models folder', `${models.path}: ${models.count} models`],
  ]);
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
