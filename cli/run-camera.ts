import { LiveRun, loadPlan, preparePlan } from '../cascade/index.ts';
import { type CameraStatus, shownCameraUrl } from '../ingest/index.ts';
import { prepareDecisionLog, prepareIntervalLog, type RunRecord } from '../sinks/index.ts';
import { type CameraValues, cameraOf } from './camera-options.ts';
import { type ControlledStream, controlledStream } from './control/controlled-stream.ts';
import { PauseSwitch } from './control/pause-switch.ts';
import { serveControl } from './control/serve-control.ts';
import { DecisionTally } from './decision-tally.ts';
import type { FootageValues } from './footage-options.ts';
import { formatFacts } from './format-table.ts';
import type { CommandContext } from './run-command.ts';
import { existingOutputOf, type RunValues } from './run-options.ts';
import { formatRunSummary, summarizeRun } from './run-summary.ts';
import { UsageError } from './usage-error.ts';

interface Values extends FootageValues, CameraValues, RunValues {
  readonly plan: string;
  readonly measureDecode?: boolean;
}

/** Answers a plan's question for every frame of a camera, until the signal is aborted. */
export async function runCamera(values: Values, { json, signal, print }: CommandContext): Promise<void> {
  const started = performance.now();
  const existing = existingOutputOf(values);
  if (values.resume) throw new UsageError('--resume is for footage: what a camera has sent is gone.');
  if (values.workers > 1) throw new UsageError('--workers is for footage: a camera has one worker.');
  if (values.measureDecode) throw new UsageError('--measure-decode is for footage.');
  if (values.decoder === 'ffmpeg') throw new UsageError('--decoder is for footage: cameras are decoded by node-av.');
  const { out, models, replicas, device } = values;
  const camera = cameraOf(values);
  const { streamId: stream } = camera;
  const source = shownCameraUrl(camera.url);
  const plan = await preparePlan(await loadPlan(values.plan), { models });
  const record: RunRecord = { schema: 'saccade/run/1', footage: `camera ${source}`, plan: plan.hash, stream };
  const log = await prepareDecisionLog({ path: out, record, existing });
  const { intervals: path } = values;
  const intervalLog = path === undefined ? null : await prepareIntervalLog({ path, record, existing });
  const onStatus = (status: CameraStatus): void => {
    if (!json) process.stderr.write(`${stream}: ${describeStatus(status)}\n`);
  };
  await using run = await LiveRun.start({ plan, camera, replicas, device, onStatus });
  await using decisions = await log.open();
  await using intervals = (await intervalLog?.open()) ?? null;
  const tally = new DecisionTally(plan.plan.name);
  const pause = new PauseSwitch(stream);
  const told = (): ControlledStream => ({
    stream,
    isPaused: pause.isPaused,
    frames: tally.answered,
    lastUs: tally.lastUs,
    query: plan.plan.name,
    dropped: tally.dropped,
    camera: { status: run.status, counts: run.counts },
    pids: run.pids.streamWorkers,
  });
  await using _control = await serveControl(controlledStream(source, pause, told), { isQuiet: json });
  for await (const batch of run.decisions({ signal })) {
    await pause.passed(signal);
    for (const decision of batch) tally.add(decision);
    await decisions.write(batch);
    await intervals?.write(tally.takeIntervals());
  }
  tally.endIntervals();
  await intervals?.write(tally.takeIntervals());
  await decisions.flush();
  await intervals?.flush();
  const { answered, positives, decidedBy } = tally;
  const counts = { frames: answered, answered, resumedFrom: 0, interrupted: false, positives, decidedBy };
  const wallSeconds = (performance.now() - started) / 1000;
  const named = { source, out, stream, query: plan.plan.name };
  const summary = summarizeRun({ ...counts, stats: run.stats() }, named, { wallSeconds, bareDecode: null });
  const { reconnects, codecChanges, sizeChanges } = run.counts;
  const facts = formatFacts([
    ['reconnects', String(reconnects)],
    ['changes', `${codecChanges} of the codec, ${sizeChanges} of the size`],
  ]);
  const text = formatRunSummary(summary) + facts;
  if (out === '-') process.stderr.write(text);
  else print({ ...summary, camera: { reconnects, codecChanges, sizeChanges } }, text);
}

function describeStatus(status: CameraStatus): string {
  switch (status.state) {
    case 'connecting':
      return status.attempt === 1 ? 'connecting' : `connecting, attempt ${status.attempt}`;
    case 'playing':
      return `playing ${status.codec} ${status.width}x${status.height}, time by the ${status.captureClock}`;
    case 'reconnecting':
      return `[${status.code}] ${status.message} Next attempt in ${(status.retryInMs / 1000).toFixed(1)} s.`;
    case 'stopped':
      return 'stopped';
  }
}
