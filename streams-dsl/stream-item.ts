/** What flows through operators that look at time: decisions, frames, and whatever a user makes of them. */
export interface StreamItem {
  /** Name of the stream. */
  readonly stream: string;
  /** Media time in µs, an integer: the stream's own time, never the machine's. */
  readonly timestampUs: number;
}

/** Says which item it was, for messages: `frame 5 of door`. */
export function describeItem(item: unknown): string {
  if (typeof item !== 'object' || item === null) return `the item ${String(item)}`;
  const { stream, frame, timestampUs } = item as { stream?: unknown; frame?: unknown; timestampUs?: unknown };
  const of = stream === undefined ? '' : ` of ${String(stream)}`;
  if (typeof frame === 'number') return `frame ${frame}${of}`;
  return timestampUs === undefined ? `an item${of}` : `the item at ${String(timestampUs)} µs${of}`;
}

/** Disposes of an item that goes no further, if it is one that must be disposed of, such as a frame. */
export function release(item: unknown): void {
  if (typeof item === 'object' && item !== null && Symbol.dispose in item) (item as Disposable)[Symbol.dispose]();
}
