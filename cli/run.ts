import { Command, Option } from 'commander';
import { loadPlan, measureBareDecode, preparePlan } from '../cascade/index.ts';
import { footageHash, isCameraUrl } from '../ingest/index.ts';
import { answerFootage } from './answer-footage.ts';
import { addCameraOptions, type CameraValues } from './camera-options.ts';
import { addFootageOptions, type FootageValues, footageOf } from './footage-options.ts';
import { wholeNumber } from './parse-options.ts';
import { ProgressBar } from './progress-bar.ts';
import { runCamera } from './run-camera.ts';
import { type CommandContext, runCommand } from './run-command.ts';
import { addRunOptions, existingOutputOf, type RunValues } from './run-options.ts';
import { type RunPipelinesValues, runPipelines } from './run-pipelines.ts';
import { formatRunSummary, summarizeRun } from './run-summary.ts';
import { UsageError } from './usage-error.ts';

interface PlanValues extends FootageValues, CameraValues, RunValues {
  readonly plan: string;
  readonly measureDecode?: boolean;
}

type Values = PlanValues & RunPipelinesValues;

/** Options that go with a pipeline file alone. */
const ofFile = ['only', 'streamsPerWorker'];

/** Options that go with a pipeline file; the others say what a file says itself. */
const withFile = [...ofFile, 'device', 'models', 'json'];

/** `saccade run`: runs the pipelines of a file, or answers a plan's question for every frame of some footage. */
export function createRunCommand(): Command {
  const command = new Command('run')
    .summary('run pipelines, or answer a question for every frame')
    .description(
      'Runs the pipelines of a file (TypeScript, JavaScript, YAML or JSON) until their streams end.\nOr runs a plan over footage: cheap looks at every frame, the reference model only where they are unsure.\nThat writes one decision a frame, saying the label and who gave it. A camera is kept connected until Ctrl-C.',
    )
    .argument('[file]', 'pipeline file; then only --only, --streams-per-worker, --models and --json may follow');
  addFootageOptions(command)
    .requiredOption('--plan <file>', 'the plan: question, models and thresholds')
    .option('--only <name...>', 'of a pipeline file: run these pipelines alone')
    .addOption(
      new Option(
        '--streams-per-worker <n>',
        'of a pipeline file: streams that a worker process decodes (default: 1)',
      ).argParser(wholeNumber(1)),
    );
  addCameraOptions(command);
  addRunOptions(command)
    .option('--measure-decode', 'decode the footage once before, and say which share of that rate was reached')
    .addHelpText(
      'after',
      `
Examples:
  $ saccade run pipelines.ts
  $ saccade run cameras.yaml --only door yard --json
  $ saccade run --source door.mp4 --plan door.plan.json --out door.jsonl
  $ saccade run --source door.mp4 --plan door.plan.json --out door.jsonl --resume
  $ CAMERA=door:s3cret saccade run --source rtsp://10.0.0.7/stream2 --credentials-env CAMERA --plan door.plan.json --out door.jsonl
  $ saccade run --source 'stills/*.jpg' --image-fps 5 --plan door.plan.json --out - | head`,
    )
    .action((file: string | undefined, values: Values) => {
      checkUse(command, required, file);
      return runCommand(values, context =>
        file === undefined ? answer(values, context) : runPipelines(file, values, context),
      );
    });
  // What is required depends on whether there is a file, which commander cannot say.
  const required = command.options.filter(({ mandatory }) => mandatory);
  for (const option of required) option.makeOptionMandatory(false);
  return command;
}

function checkUse(command: Command, required: readonly Option[], file: string | undefined): void {
  if (file === undefined) {
    const option = command.options.find(
      one => ofFile.includes(one.attributeName()) && command.getOptionValue(one.attributeName()) !== undefined,
    );
    if (option !== undefined) throw new UsageError(`${option.long} goes with a pipeline file.`);
    const missing = required.find(option => command.getOptionValue(option.attributeName()) === undefined);
    if (missing !== undefined) {
      throw new UsageError(`required option '${missing.flags}' not specified, nor a pipeline file`);
    }
    return;
  }
  const foreign = command.options.find(
    option =>
      !withFile.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (foreign !== undefined) {
    throw new UsageError(`${foreign.long} does not go with a pipeline file, which says that itself.`);
  }
}

function answer(values: PlanValues, context: CommandContext): Promise<void> {
  return isCameraUrl(values.source) ? runCamera(values, context) : runPlan(values, context);
}

async function runPlan(values: PlanValues, { signal, print }: CommandContext): Promise<void> {
  const started = performance.now();
  existingOutputOf(values);
  const { workers, replicas, device, models, out, source, measureDecode = false } = values;
  const footage = footageOf(values);
  const { streamId: stream } = footage;
  const plan = await preparePlan(await loadPlan(values.plan), { models });
  const footageSha256 = await footageHash(source);
  using progress = new ProgressBar({ what: 'bare decode' });
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  const bareDecode = measureDecode ? await measureBareDecode(footage, { signal, onProgress }) : null;
  progress[Symbol.dispose]();
  const cascade = { plan, footage, workers, replicas, device };
  const answered = await answerFootage({ run: cascade, values, stream, footageSha256, what: 'cascade', signal });
  const wallSeconds = (performance.now() - started) / 1000;
  const summary = summarizeRun(answered, { source, out, stream, query: plan.plan.name }, { wallSeconds, bareDecode });
  if (out === '-') process.stderr.write(formatRunSummary(summary));
  else print(summary, formatRunSummary(summary));
}
