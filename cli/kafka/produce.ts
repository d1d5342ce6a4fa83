import { Command, Option } from 'commander';
import { fromErrorRecord, type OpenFootageOptions, superviseWorker } from '../../ingest/index.ts';
import { addDecoderOptions, type DecoderValues, footageOf } from '../footage-options.ts';
import { formatFacts, short } from '../format-table.ts';
import { wholeNumber } from '../parse-options.ts';
import { ProgressBar } from '../progress-bar.ts';
import { type CommandContext, runCommand } from '../run-command.ts';
import { jsonOption } from '../run-options.ts';
import { addConnectionOptions, type ConnectionValues, connectionOf } from './connection-options.ts';
import type { FromProduce, ToProduce } from './produce-protocol.ts';

interface Values extends ConnectionValues, DecoderValues {
  readonly stream?: string;
  readonly limit?: number;
  readonly width?: number;
  readonly quality: number;
  readonly create?: boolean;
  readonly partitions: number;
  readonly json?: boolean;
}

/** `saccade kafka produce`: footage as frames of a topic. */
export function createProduceCommand(): Command {
  const command = new Command('produce')
    .summary('write footage to a topic, a JPEG a frame')
    .description('Writes each frame of footage to a topic as a JPEG: the key names the stream, headers its time.')
    .argument('<path>', 'video file, folder of images, or a pattern of images in quotes');
  addConnectionOptions(command)
    .option('--stream <name>', 'name of the stream (default: the name of the file)')
    .option('--limit <n>', 'frames to write (default: all)', wholeNumber(1))
    .option('--width <px>', 'width to scale frames down to (default: as they are)', wholeNumber(16))
    .addOption(new Option('--quality <n>', 'of the JPEG, 1–100').default(85).argParser(wholeNumber(1)))
    .option('--create', 'make the topic if it is not there')
    .addOption(new Option('--partitions <n>', 'of a topic that is made').default(3).argParser(wholeNumber(1)));
  return addDecoderOptions(command)
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ saccade kafka produce door.mp4 --topic frames --create')
    .action((source: string, values: Values) => runCommand(values, context => produce({ ...values, source }, context)));
}

async function produce(values: Values & { readonly source: string }, { print, signal }: CommandContext): Promise<void> {
  const footage = footageOf(values);
  const { topic, limit = null, width = null, quality, create = false, partitions } = values;
  const connection = connectionOf(values);
  using progress = new ProgressBar({ what: `to ${topic}` });
  const startedMs = performance.now();
  const task = { footage, connection, topic, limit, width, quality, partitions: create ? partitions : null };
  const { frames, bytes } = await produceInWorker(task, {
    signal,
    onProgress: (done, of) => progress.update(done, of),
  });
  const seconds = (performance.now() - startedMs) / 1000;
  progress[Symbol.dispose]();
  const result = { topic, stream: footage.streamId, frames, bytes, seconds, interrupted: signal.aborted };
  print(
    result,
    formatFacts([
      ['topic', topic],
      ['stream', footage.streamId],
      ['frames', `${frames}, ${short(bytes / 1e6)} MB, ${short(frames / seconds)} a second`],
    ]),
  );
}

interface Hooks {
  readonly signal: AbortSignal;
  onProgress(done: number, of: number): void;
}

async function produceInWorker(
  task: Omit<Extract<ToProduce, { type: 'produce' }>, 'type'> & { readonly footage: OpenFootageOptions },
  { signal, onProgress }: Hooks,
): Promise<Extract<FromProduce, { type: 'done' }>> {
  signal.throwIfAborted();
  let settle:
    | { resolve: (done: Extract<FromProduce, { type: 'done' }>) => void; reject: (error: unknown) => void }
    | undefined;
  const done = new Promise<Extract<FromProduce, { type: 'done' }>>((resolve, reject) => (settle = { resolve, reject }));
  await using worker = superviseWorker<ToProduce, FromProduce>({
    name: 'that produces',
    file: new URL('./produce-worker.js', import.meta.url),
    shouldRestart: () => false,
    onReady: () => void worker.send({ type: 'produce', ...task }),
    onMessage: message => {
      if (message.type === 'progress') onProgress(message.frames, message.frameCount);
      else if (message.type === 'failed') settle?.reject(fromErrorRecord(message.error));
      else settle?.resolve(message);
    },
    onGiveUp: error => settle?.reject(error),
  });
  // What was read is still written.
  const stop = (): void => void worker.send({ type: 'stop' });
  signal.addEventListener('abort', stop);
  try {
    return await done;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
