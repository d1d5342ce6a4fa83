import type { MessageToProduce } from '@platformatic/kafka';

/** A record that is to be written. */
export interface KafkaMessage {
  readonly topic: string;
  /** Default: by the key, as Apache's own client does. */
  readonly partition?: number;
  /** Null: none. */
  readonly key: Uint8Array | string | null;
  /** Null: a tombstone. */
  readonly value: Uint8Array | string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record that was read. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** When it was written, in ms since 1970. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As they came, UTF-8; of several of one name the last. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Bytes that a record takes, about. */
export function messageBytes({ key, value, headers }: KafkaMessage): number {
  const own = (part: Uint8Array | string | null): number => (part === null ? 0 : Buffer.byteLength(part));
  const told = Object.entries(headers).reduce((bytes, [name, text]) => bytes + name.length + text.length + 4, 0);
  return own(key) + own(value) + told + 32;
}

/** A record as the client takes it. */
export function toProduce({
  topic,
  partition,
  key,
  value,
  headers,
}: KafkaMessage): MessageToProduce<Buffer, Buffer, string, string> {
  return {
    topic,
    ...(partition !== undefined && { partition }),
    ...(key !== null && { key: asBuffer(key) }),
    ...(value !== null && { value: asBuffer(value) }),
    headers: { ...headers },
  };
}

/** Cuts a list into parts of at most so many bytes, or of one record. */
export function inPortions(messages: readonly KafkaMessage[], mostBytes: number): KafkaMessage[][] {
  const portions: KafkaMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const own = messageBytes(message);
    const last = portions.at(-1);
    if (last === undefined || bytes + own > mostBytes) {
      portions.push([message]);
      bytes = own;
    } else {
      last.push(message);
      bytes += own;
    }
  }
  return portions;
}

function asBuffer(bytes: Uint8Array | string): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
