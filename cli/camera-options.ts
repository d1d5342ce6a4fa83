import { type Command, Option } from 'commander';
import { type CameraOptions, cameraStreamName } from '../ingest/index.ts';
import { durationMs, positiveNumber } from './parse-options.ts';
import { UsageError } from './usage-error.ts';

/** Values of the options that say how a camera is reached. Durations are in ms. */
export interface CameraValues {
  readonly transport?: 'tcp' | 'udp';
  readonly credentialsEnv?: string;
  readonly credentialsFile?: string;
  readonly stallTimeout?: number;
  readonly frozenAfter?: number;
  readonly blackAfter?: number;
  readonly maxFps?: number;
  readonly substream?: boolean;
}

/** Adds the options that say how a camera is reached to a command. */
export function addCameraOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--transport <name>', 'how RTSP carries the pictures of a camera (default: tcp)').choices([
        'tcp',
        'udp',
      ]),
    )
    .option('--credentials-env <name>', 'environment variable that holds "user:password" of the camera')
    .option('--credentials-file <file>', 'file that holds "user:password" of the camera')
    .option('--max-fps <n>', 'most frames a second of a camera that are used (default: all)', positiveNumber)
    .option('--substream', "take the small stream of a camera, where its maker's way of naming it is known")
    .option('--stall-timeout <time>', 'connect anew after so long without a frame (default: 5s)', durationMs)
    .option(
      '--frozen-after <time>',
      'connect anew after so long without any change; 0: never (default: 10s)',
      durationMs,
    )
    .option(
      '--black-after <time>',
      'connect anew after a black picture for so long; 0: never (default: 10s)',
      durationMs,
    );
}

/** The camera that the options name. @throws UsageError - when they contradict each other. */
export function cameraOf(
  values: CameraValues & { readonly source: string; readonly stream?: string; readonly decoderThreads?: number },
): CameraOptions & { readonly streamId: string } {
  const { source: url, stream, transport, credentialsEnv: env, credentialsFile: file, decoderThreads } = values;
  const { stallTimeout, frozenAfter, blackAfter, maxFps, substream } = values;
  if (env !== undefined && file !== undefined) {
    throw new UsageError('--credentials-env and --credentials-file exclude each other.');
  }
  return {
    url,
    streamId: stream ?? cameraStreamName(url),
    ...(transport !== undefined && { transport }),
    ...(env !== undefined && { credentials: { env } }),
    ...(file !== undefined && { credentials: { file } }),
    ...(decoderThreads !== undefined && { decoderThreads }),
    ...(maxFps !== undefined && { maxFps }),
    ...(substream === true && { substream }),
    ...(stallTimeout !== undefined && { stallTimeoutMs: stallTimeout }),
    ...(frozenAfter !== undefined && { frozenAfterMs: frozenAfter || null }),
    ...(blackAfter !== undefined && { blackAfterMs: blackAfter || null }),
  };
}
