/**
 * A CloudEvents 1.0 event in its JSON form, with the extensions `sequence` and `partitionkey`. Attribute names are lower
 * case because the specification wants them so.
 */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  /** Unique among the events of a source; the same event made again has the same id, so receivers can drop doubles. */
  readonly id: string;
  /** Where it comes from, such as `/streams/front-door`. */
  readonly source: string;
  /** What happened, such as `io.saccade.event.started`. */
  readonly type: string;
  /** When it happened: RFC 3339, UTC, with milliseconds. */
  readonly time: string;
  /** What it is about within the source, such as the id of a track. */
  readonly subject?: string;
  readonly datacontenttype: 'application/json';
  /** Position among the events that belong together, as digits that sort as text. */
  readonly sequence: string;
  /** Events with the same key keep their order: the name of the stream. */
  readonly partitionkey: string;
  readonly data: Data;
}

/** Whether a row is a CloudEvents 1.0 event. */
export function isCloudEvent(row: unknown): row is CloudEvent {
  return typeof row === 'object' && row !== null && 'specversion' in row && row.specversion === '1.0';
}
