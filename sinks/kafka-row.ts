import { createHash } from 'node:crypto';
import type { KafkaMessage } from '../ingest/index.ts';
import { isCloudEvent } from './cloud-event.ts';

/**
 * A row as a record of Kafka: CloudEvents 1.0 in binary mode, the stream as its key. Events keep their attributes; other rows get
 * theirs: what a row is made from alone makes its id, so that a row made again has the same.
 * @param topic - Where it goes to.
 */
export function kafkaRow(topic: string, row: unknown): KafkaMessage {
  if (isCloudEvent(row)) {
    const { data, datacontenttype, ...attributes } = row;
    const headers = Object.entries(attributes).map(([name, value]) => [`ce_${name}`, String(value)]);
    return {
      topic,
      key: row.partitionkey,
      value: JSON.stringify(data),
      headers: { 'content-type': datacontenttype, ...Object.fromEntries(headers) },
    };
  }
  const fields = (typeof row === 'object' && row !== null ? row : {}) as Readonly<Record<string, unknown>>;
  const stream = typeof fields['stream'] === 'string' ? fields['stream'] : null;
  const kind = kindOf(fields);
  const timeUs = fields['timestampUs'] ?? fields['startUs'];
  const value = JSON.stringify(row) ?? 'null';
  return {
    topic,
    key: stream,
    value,
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: idOf(kind, fields, value),
      ce_source: stream === null ? '/' : `/streams/${encodeURIComponent(stream)}`,
      ce_type: `io.saccade.${kind}`,
      // Media time counts from 1970 where nobody said when it began.
      ...(typeof timeUs === 'number' && isDate(timeUs / 1000) && { ce_time: new Date(timeUs / 1000).toISOString() }),
    },
  };
}

type RowKind = 'decision' | 'interval' | 'row';

function kindOf(fields: Readonly<Record<string, unknown>>): RowKind {
  if ('decidedBy' in fields && 'frame' in fields) return 'decision';
  return 'startFrame' in fields && 'endFrame' in fields ? 'interval' : 'row';
}

/** 32 hex digits of SHA-256: of where the answer belongs, so that a row that was made twice is told by it; else of all of it. */
function idOf(kind: RowKind, fields: Readonly<Record<string, unknown>>, value: string): string {
  const { stream, frame, timestampUs, query, startFrame, startUs } = fields;
  const places = {
    decision: [kind, stream, frame, timestampUs],
    interval: [kind, query, stream, startFrame, startUs],
    row: [kind, value],
  };
  return createHash('sha256').update(JSON.stringify(places[kind])).digest('hex').slice(0, 32);
}

function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}
