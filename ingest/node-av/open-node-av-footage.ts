import { AV_LOG_QUIET, AV_PKT_DATA_DISPLAYMATRIX, AVMEDIA_TYPE_AUDIO } from 'node-av/constants';
import { avGetCodecName, type FormatContext, Log, Packet } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';
import type { Footage, FootageInfo } from '../footage.ts';
import { type PacketTable, packetTable } from '../packet-table.ts';
import { rotationOfMatrix } from '../rotation-of-matrix.ts';
import type { VideoFile } from '../video-file.ts';
import { FrameStore } from './frame-store.ts';
import { NodeAvFootage } from './node-av-footage.ts';
import { openContainer } from './open-container.ts';
import { openDecoder } from './open-decoder.ts';
import { VideoInput } from './video-input.ts';

// Damage is counted and errors have codes; what FFmpeg would print beside that goes nowhere.
Log.setLevel(AV_LOG_QUIET);

/**
 * Opens a video file for decoding in this process.
 * @throws INGEST_NOT_A_VIDEO, INGEST_NO_VIDEO_STREAM, INGEST_NO_DECODER, INGEST_NO_FRAMES - as their texts say.
 */
export function openNodeAvFootage(file: VideoFile): Footage {
  const { path } = file;
  const { format, streamIndex } = openContainer(path);
  const input = new VideoInput(path, format, streamIndex);
  try {
    openDecoder(input.stream, { path, threads: 1, parallel: 'slices' }).freeContext();
    const table = scan(input);
    if (table.frames.timestampsUs.length === 0) throw ingestErrors.create('INGEST_NO_FRAMES', { path });
    const info = describe(file, input, table, format);
    const store = new FrameStore({
      streamId: file.streamId,
      timestampsUs: table.frames.timestampsUs,
      rotationDegrees: info.rotationDegrees,
    });
    return new NodeAvFootage(info, {
      path,
      input,
      table,
      store,
      threads: file.decoderThreads,
      damage: { refusedPackets: 0, concealedFrames: 0 },
    });
  } catch (error) {
    input[Symbol.dispose]();
    throw error;
  }
}

function scan(input: VideoInput): PacketTable {
  const packet = new Packet();
  packet.alloc();
  try {
    return packetTable(input.scan(packet));
  } finally {
    packet.free();
  }
}

function describe(file: VideoFile, input: VideoInput, table: PacketTable, format: FormatContext): FootageInfo {
  const { codecpar } = input.stream;
  const matrix = codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  const rotationDegrees = matrix === null ? 0 : rotationOfMatrix(matrix);
  const isTurned = rotationDegrees % 180 !== 0;
  const count = table.frames.timestampsUs.length;
  return {
    path: file.path,
    container: format.iformat?.name ?? 'unknown',
    codec: avGetCodecName(codecpar.codecId) ?? 'unknown',
    width: isTurned ? codecpar.height : codecpar.width,
    height: isTurned ? codecpar.width : codecpar.height,
    rotationDegrees,
    frameRateFps: table.durationUs > 0 ? (count * 1e6) / table.durationUs : 0,
    durationUs: table.durationUs,
    hasAudio: input.streams.some(stream => stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO),
    sizeBytes: file.sizeBytes,
  };
}
