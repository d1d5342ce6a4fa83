import { type Command, Option } from 'commander';
import { type DecoderName, type OpenFootageOptions, streamNameOf } from '../ingest/index.ts';
import { positiveNumber, wholeNumber } from './parse-options.ts';

/** Values of the options that say how footage is read. */
export interface DecoderValues {
  readonly decoder?: DecoderName;
  readonly decoderThreads?: number;
  readonly imageFps?: number;
}

/** Values of the options that say which footage is read, and how. */
export interface FootageValues extends DecoderValues {
  readonly source: string;
  readonly stream?: string;
}

/** Adds the options that name footage and say how it is read to a command. */
export function addFootageOptions(command: Command): Command {
  command
    .requiredOption(
      '--source <path>',
      'video file, folder of images, a pattern of images in quotes, or (run) URL of a camera',
    )
    .option('--stream <name>', 'name of the stream in the output (default: the name of the file)');
  return addDecoderOptions(command);
}

/** Adds the options that say how footage is read to a command. */
export function addDecoderOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--decoder <name>', 'node-av (built in) or your own ffmpeg (FFMPEG_PATH, else PATH)')
        .choices(['node-av', 'ffmpeg'])
        .env('SACCADE_DECODER'),
    )
    .addOption(
      new Option('--decoder-threads <n>', 'threads of the decoder, 1–16 (default: 1)')
        .argParser(wholeNumber(1))
        .env('SACCADE_DECODER_THREADS'),
    )
    .option('--image-fps <n>', 'frames a second of a folder of images (default: 1)', positiveNumber);
}

/** The footage that the options name; its stream is called as the file, or as the folder of a pattern of images. */
export function footageOf(values: FootageValues): OpenFootageOptions & { readonly streamId: string } {
  const { source, stream, decoder, decoderThreads, imageFps } = values;
  return {
    path: source,
    streamId: stream ?? streamNameOf(source),
    ...(decoder !== undefined && { decoder }),
    ...(decoderThreads !== undefined && { decoderThreads }),
    ...(imageFps !== undefined && { imageRateFps: imageFps }),
  };
}
