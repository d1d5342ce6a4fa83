#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { packageFolder } from './package-folder.ts';
import { reportUsage } from './report-usage.ts';

// `saccade … | head` closes the pipe early: that is no failure. Worker processes end with this one. A sink that writes to
// standard output listens as well, and tells what was lost.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') > 1) return;
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
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
/** The commands, in the order of the help. Loading all of them takes a second of processor time, so each is loaded when called. */
const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).createRunCommand(),
  status: async () => (await import('./status.ts')).createStatusCommand(),
  pause: async () => (await import('./pause.ts')).createPauseCommand(),
  resume: async () => (await import('./pause.ts')).createResumeCommand(),
  serve: async () => (await import('./serve.ts')).createServeCommand(),
  predict: async () => (await import('./predict.ts')).createPredictCommand(),
  check: async () => (await import('./check.ts')).createCheckCommand(),
  explain: async () => (await import('./explain.ts')).createExplainCommand(),
  init: async () => (await import('./init.ts')).createInitCommand(),
  label: async () => (await import('./label.ts')).createLabelCommand(),
  evaluate: async () => (await import('./evaluate.ts')).createEvaluateCommand(),
  optimize: async () => (await import('./optimize.ts')).createOptimizeCommand(),
  replay: async () => (await import('./replay.ts')).createReplayCommand(),
  plan: async () => (await import('./plan.ts')).createPlanCommand(),
  scene: async () => (await import('./scene.ts')).createSceneCommand(),
  probe: async () => (await import('./probe.ts')).createProbeCommand(),
  doctor: async () => (await import('./doctor.ts')).createDoctorCommand(),
  models: async () => (await import('./models.ts')).createModelsCommand(),
  kafka: async () => (await import('./kafka.ts')).createKafkaCommand(),
  schema: async () => (await import('./schema.ts')).createSchemaCommand(),
  demo: async () => (await import('./demo.ts')).createDemoCommand(),
};
const [, , called] = process.argv;
const all = Object.entries(commandLoaders);
const wanted = all.filter(([name]) => name === called);
const commands = await Promise.all((wanted.length > 0 ? wanted : all).map(([, load]) => load()));
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
