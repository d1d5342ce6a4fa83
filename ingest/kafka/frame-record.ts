import { readFile, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageSize } from '../images/image-size.ts';
import type { KafkaMessage, KafkaRecord } from './kafka-message.ts';

/** A record that holds a frame. */
export interface FrameRecord {
  readonly kind: 'frame';
  /** Name of the stream: the record's key. */
  readonly stream: string;
  /** Media time in µs: the header `timestamp-us`, else `ce_time`, else when the record was written. */
  readonly timestampUs: number;
  /** Bytes of a whole JPEG or PNG file. */
  readonly image: Uint8Array;
}

/** Why a record holds no frame. */
export type PoisonReason =
  | 'no-key'
  | 'no-image'
  | 'truncated'
  | 'too-many-pixels'
  | 'false-time'
  | 'claim-check'
  | 'undecodable'
  | 'answer-too-large';

/** A record that is put aside. */
export interface PoisonRecord {
  readonly kind: 'poison';
  readonly reason: PoisonReason;
  /** What was found in it. */
  readonly details: string;
}

/** How records are read. */
export interface FrameRecordOptions {
  /** Folder that claim checks may name files of; null: records must hold their images. */
  readonly claimCheckFolder: string | null;
}

/** An image of more is never decoded: a header of some bytes could ask for gigabytes. */
const mostPixels = 100e6;
/** How far the clock of who wrote a record may be ahead of the brokers' in ms. */
const clocksApartMs = 24 * 3600e3;

/** Reads a record: an image as its value, or JSON with the `uri` of a file that holds it. Nothing is decoded. */
export async function readFrameRecord(
  record: KafkaRecord,
  { claimCheckFolder }: FrameRecordOptions,
): Promise<FrameRecord | PoisonRecord> {
  const stream = record.key?.toString() ?? '';
  if (stream === '') return poison('no-key', 'its key, the name of the stream, is empty');
  const timestampUs = timestampOf(record);
  if (typeof timestampUs !== 'number') return timestampUs;
  if (record.value === null || record.value.length === 0) return poison('no-image', 'its value is empty');
  const image = record.value[0] === 0x7b ? await claimed(record.value, claimCheckFolder) : record.value;
  if (!(image instanceof Uint8Array)) return image;
  const size = imageSize(image);
  if (size === undefined) return poison('no-image', `its ${image.length} bytes begin as neither a JPEG nor a PNG does`);
  const { width, height } = size;
  if (width === 0 || height === 0) return poison('no-image', `its header says ${width}x${height} px`);
  if (width * height > mostPixels) {
    return poison('too-many-pixels', `its header says ${width}x${height} px, more than ${mostPixels / 1e6} megapixels`);
  }
  if (!isWhole(image)) return poison('truncated', `its ${image.length} bytes lack the end of the image`);
  return { kind: 'frame', stream, timestampUs, image };
}

/** The record for the dead-letter topic: as it came, with the reason in its headers. */
export function deadLetter(record: KafkaRecord, { reason, details }: PoisonRecord, message: string): KafkaMessage {
  return {
    topic: deadLetterTopic(record.topic),
    key: record.key,
    value: record.value,
    headers: {
      ...Object.fromEntries(record.headers),
      'x-error-code': 'INGEST_RECORD_INVALID',
      'x-error-reason': reason,
      'x-error-details': details,
      'x-error-message': message,
      'x-error-topic': record.topic,
      'x-error-partition': String(record.partition),
      'x-error-offset': String(record.offset),
    },
  };
}

/** Where records of a topic go that are put aside. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

function poison(reason: PoisonReason, details: string): PoisonRecord {
  return { kind: 'poison', reason, details };
}

function timestampOf({ headers, timestampMs }: KafkaRecord): number | PoisonRecord {
  const us = headers.get('timestamp-us');
  if (us !== undefined) {
    const number = Number(us);
    if (/^\d+$/.test(us) && Number.isSafeInteger(number)) return number;
    return poison(
      'false-time',
      `its header timestamp-us is "${us.slice(0, 40)}", expected whole microseconds from 0 on`,
    );
  }
  const time = headers.get('ce_time');
  if (time === undefined) return timestampMs * 1000;
  const ms = /^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(ms) || ms < 0) {
    return poison('false-time', `its header ce_time is "${time.slice(0, 40)}", expected a time as RFC 3339 has it`);
  }
  if (ms > timestampMs + clocksApartMs) {
    return poison('false-time', `its header ce_time is ${time}, more than a day after it was written`);
  }
  return ms * 1000;
}

async function claimed(value: Buffer, folder: string | null): Promise<Uint8Array | PoisonRecord> {
  let uri: unknown;
  try {
    uri = (JSON.parse(value.toString()) as { readonly uri?: unknown } | null)?.uri;
  } catch {
    return poison('no-image', 'it is neither an image nor JSON');
  }
  if (typeof uri !== 'string' || !uri.startsWith('file:')) {
    return poison('claim-check', 'its JSON has no uri that begins with file:');
  }
  if (folder === null) return poison('claim-check', 'it names a file, but no folder of such files was given');
  try {
    // Links are followed first: one must not lead out of the folder either.
    const [path, root] = await Promise.all([realpath(fileURLToPath(uri)), realpath(folder)]);
    if (!path.startsWith(root + sep))
      return poison('claim-check', 'it names a file outside of the folder for such files');
    return await readFile(path);
  } catch (error) {
    return poison('claim-check', `its file cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Whether the mark of the end of a JPEG or PNG is where it must be; some cameras fill up with zeros behind it. */
function isWhole(image: Uint8Array): boolean {
  let end = image.length;
  while (end > 0 && image[end - 1] === 0) end--;
  if (image[0] === 0xff) return image[end - 2] === 0xff && image[end - 1] === 0xd9;
  // The chunk IEND: its name, and the checksum, which has no zeros.
  return Buffer.from(image.buffer, image.byteOffset, end).subarray(-8, -4).toString('latin1') === 'IEND';
}
