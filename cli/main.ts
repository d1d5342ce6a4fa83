#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createCheckCommand } from './check.ts';
import { createDemoCommand } from './demo.ts';
import { createDoctorCommand } from './doctor.ts';
import { createEvaluateCommand } from './evaluate.ts';
import { createExplainCommand } from './explain.ts';
import { createInitCommand } from './init.ts';
import { createKafkaCommand } from './kafka.ts';
import { createLabelCommand } from './label.ts';
import { createModelsCommand } from './models.ts';
import { createOptimizeCommand } from './optimize.ts';
import { packageFolder } from './package-folder.ts';
import { createPauseCommand, createResumeCommand } from './pause.ts';
import { createPlanCommand } from './plan.ts';
import { createProbeCommand } from './probe.ts';
import { createReplayCommand } from './replay.ts';
import { reportUsage } from './report-usage.ts';
import { createRunCommand } from './run.ts';
import { createSceneCommand } from './scene.ts';
import { createSchemaCommand } from './schema.ts';
import { createStatusCommand } from './status.ts';

const { version } = JSON.parse(readFileSync(`${packageFolder()}/package.json`, 'utf8')) as { version: string };
const program = new Command('saccade')
  .description(
    'Answers questions about fixed-camera video: cheap looks at every frame, an expensive detector only where they are unsure.',
  )
  .version(version, '-V, --version')
  .helpOption('-h, --help', 'print help')
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
Start with: saccade demo`,
  );
const commands = [
  createRunCommand(),
  createStatusCommand(),
  createPauseCommand(),
  createResumeCommand(),
  createCheckCommand(),
  createExplainCommand(),
  createInitCommand(),
  createLabelCommand(),
  createEvaluateCommand(),
  createOptimizeCommand(),
  createReplayCommand(),
  createPlanCommand(),
  createSceneCommand(),
  createProbeCommand(),
  createDoctorCommand(),
  createModelsCommand(),
  createKafkaCommand(),
  createSchemaCommand(),
  createDemoCommand(),
];
for (const command of commands) program.addCommand(command);
for (const command of [program, ...commands, ...commands.flatMap(({ commands: inner }) => inner)]) {
  command.exitOverride().configureOutput({ outputError: () => undefined });
}
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0;
  else process.exitCode = reportUsage(error, { json: process.argv.includes('--json') });
}
