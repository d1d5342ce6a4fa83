import { ingestErrors } from '../errors.ts';
import { HIDDEN_PACKET, KEY_PACKET, type PacketColumns } from '../packet-table.ts';
import { SaccadeError } from '../saccade-error.ts';
import { readProgram } from './read-program.ts';

/** What ffprobe says of a file's video. */
export interface ProbedVideo {
  readonly columns: PacketColumns;
  readonly container: string;
  readonly codec: string;
  /** Width in px as coded, before rotation. */
  readonly width: number;
  /** Height in px as coded, before rotation. */
  readonly height: number;
  /** Rotation in degrees, clockwise; 0, 90, 180 or 270. */
  readonly rotationDegrees: number;
  /** Whether there is sound too. */
  readonly hasAudio: boolean;
}

const ENTRIES = [
  'packet=pts,dts,duration,size,flags',
  'stream=codec_name,width,height,has_b_frames,time_base',
  'stream_tags=rotate',
  'stream_side_data=rotation',
  'format=format_name,nb_streams',
].join(':');

/**
 * Reads where the frames of a file lie, by ffprobe; nothing is decoded.
 * @throws INGEST_NOT_A_VIDEO, INGEST_NO_VIDEO_STREAM, INGEST_FFMPEG_NOT_FOUND - as their texts say.
 */
export async function readPackets(path: string): Promise<ProbedVideo> {
  // V: video streams that are no cover pictures.
  const args = [
    '-v',
    'error',
    '-select_streams',
    'V:0',
    '-show_entries',
    ENTRIES,
    '-of',
    'compact=p=1',
    `file:${path}`,
  ];
  const audioArgs = [
    '-v',
    'error',
    '-select_streams',
    'a',
    '-show_entries',
    'stream=index',
    '-of',
    'csv',
    `file:${path}`,
  ];
  const printed = await readProgram('ffprobe', args, path).catch(error => {
    throw error instanceof SaccadeError && error.code === 'INGEST_FFMPEG_FAILED'
      ? ingestErrors.create('INGEST_NOT_A_VIDEO', { path, reason: reasonOf(error) }, { cause: error })
      : error;
  });
  const lines = printed.split('\n');
  const stream = lines.find(line => line.startsWith('stream|')) ?? lines.find(line => line.includes('|stream|')) ?? '';
  const format = lines.find(line => line.startsWith('format|')) ?? '';
  if (stream === '') {
    throw ingestErrors.create('INGEST_NO_VIDEO_STREAM', {
      path,
      streams: `${fieldOf(format, 'nb_streams')} other streams`,
    });
  }
  const [num = 1, den = 1] = fieldOf(stream, 'time_base').split('/').map(Number);
  return {
    columns: columnsOf(lines, { num, den }, numberOf(stream, 'has_b_frames') || 0),
    container: fieldOf(format, 'format_name'),
    codec: fieldOf(stream, 'codec_name'),
    width: numberOf(stream, 'width'),
    height: numberOf(stream, 'height'),
    rotationDegrees: rotationOf(lines.join('\n')),
    hasAudio: (await readProgram('ffprobe', audioArgs, path)).includes('stream'),
  };
}

function columnsOf(lines: readonly string[], timeBase: PacketColumns['timeBase'], reorderDelay: number): PacketColumns {
  const packets = lines.filter(line => line.startsWith('packet|'));
  return {
    pts: packets.map(line => numberOf(line, 'pts')),
    dts: packets.map(line => numberOf(line, 'dts')),
    sizes: packets.map(line => numberOf(line, 'size')),
    flags: packets.map(flagsOf),
    timeBase,
    lastDuration: numberOf(packets.findLast(line => (flagsOf(line) & HIDDEN_PACKET) === 0) ?? '', 'duration') || 0,
    reorderDelay,
  };
}

function flagsOf(packet: string): number {
  const flags = fieldOf(packet, 'flags');
  return (flags.includes('K') ? KEY_PACKET : 0) | (flags.includes('D') ? HIDDEN_PACKET : 0);
}

/** Counterclockwise in side data, clockwise in the tag that older versions write. */
function rotationOf(printed: string): number {
  const matrix = /rotation=(-?\d+)/.exec(printed)?.[1];
  const tag = /rotate=(-?\d+)/.exec(printed)?.[1];
  const degrees = matrix === undefined ? Number(tag ?? 0) : -Number(matrix);
  return (((Math.round(degrees / 90) * 90) % 360) + 360) % 360;
}

function fieldOf(line: string, name: string): string {
  const start = line.indexOf(`|${name}=`);
  if (start < 0) return '';
  const from = start + name.length + 2;
  const end = line.indexOf('|', from);
  return end < 0 ? line.slice(from) : line.slice(from, end);
}

/** NaN for what ffprobe does not know. */
function numberOf(line: string, name: string): number {
  const value = fieldOf(line, name);
  return value === '' ? Number.NaN : Number(value);
}

function reasonOf(error: Error): string {
  return /It said: (.*)/.exec(error.message)?.[1]?.replace(/^file:\S+: /, '') ?? error.message;
}
