import { createHash } from 'node:crypto';
import type { Decider } from '../cascade/index.ts';
import type { CloudEvent } from '../sinks/index.ts';

/** What happened to an event. */
export type EventPhase = 'started' | 'updated' | 'ended';

/**
 * The frame that shows an event best so far: one with an object before one without, one that a model looked at before one
 * that none did, then the best score, then the first.
 */
export interface EventPeak {
  readonly frame: number;
  readonly timestampUs: number;
  /** What the model that looked at it gave, 0–1; null: none did. */
  readonly score: number | null;
  readonly decidedBy: Decider;
  /** Class of the object that scored best there; null: no detections. */
  readonly label: string | null;
  /** Where that object is, as shares of the frame; null: no detections. */
  readonly box: { readonly x: number; readonly y: number; readonly w: number; readonly h: number } | null;
  /** Its track; null: the stream is not tracked. */
  readonly track: number | null;
}

/** What a CloudEvent of an event carries. */
export interface SaccadeEventData {
  readonly schema: 'saccade/event/1';
  /** The same for all that is told of one event: hash of query, stream and start. */
  readonly event: string;
  readonly stream: string;
  /** Name of the query. */
  readonly query: string;
  /** Class of the object of the peak frame; null: no model saw objects there. */
  readonly label: string | null;
  /** Score of the peak frame, 0–1; null: no model has looked at any frame of the event. */
  readonly score: number | null;
  /** Which clock the times are of: `media` when stream time 0 was taken for 1970, `wall` when its date was given. */
  readonly clock: 'media' | 'wall';
  /** Time of the first frame, RFC 3339. */
  readonly start: string;
  /** Time of the last frame, inclusive, RFC 3339; null while it lasts. */
  readonly end: string | null;
  /** Media time of the first frame in µs. */
  readonly startUs: number;
  /** Media time of the last frame in µs, inclusive; null while it lasts. */
  readonly endUs: number | null;
  readonly startFrame: number;
  /** Last frame, inclusive; null while it lasts. */
  readonly endFrame: number | null;
  readonly peakFrame: number;
  /** Time of the peak frame, RFC 3339. */
  readonly peakFrameTime: string;
  /** Object of the peak frame, as shares of the frame from its top left corner; null: no model saw objects there. */
  readonly box: EventPeak['box'];
  /** Track of that object; null: not tracked. */
  readonly track: number | null;
  /** Who decided the peak frame. */
  readonly decidedBy: { readonly stage: Decider };
  /**
   * Where asked for: URL of a JPEG of the peak frame with boxes, `data:` or `file:`; null: the reference model did not look at
   * that frame, or its picture is gone.
   */
  readonly image?: string | null;
}

/** A started, updated or ended event as a CloudEvent of type `io.saccade.event.…`. */
export type SaccadeEvent = CloudEvent<SaccadeEventData> & { readonly type: `io.saccade.event.${EventPhase}` };

/** A frame of an event. */
interface EventFrame {
  readonly frame: number;
  readonly timestampUs: number;
}

/** An event as the operator knows it. */
export interface EventFacts {
  readonly phase: EventPhase;
  readonly query: string;
  readonly stream: string;
  readonly start: EventFrame;
  /** Null while it lasts. */
  readonly end: EventFrame | null;
  readonly peak: EventPeak;
  /** How many were told of it before. */
  readonly sequence: number;
  /** The frame that brought it about. */
  readonly now: EventFrame;
  /** Date of stream time 0 in ms since 1970; undefined: unknown. */
  readonly epochMs: number | undefined;
}

/** Makes the CloudEvent of an event. */
export function saccadeEvent(facts: EventFacts): SaccadeEvent {
  const { phase, query, stream, start, end, peak, sequence, now, epochMs } = facts;
  const time = (timestampUs: number): string => new Date((epochMs ?? 0) + timestampUs / 1000).toISOString();
  const event = eventId(query, stream, start.timestampUs);
  const happened = { started: start, updated: now, ended: end ?? now }[phase];
  return {
    specversion: '1.0',
    id: `${event}-${sequence}`,
    source: `/streams/${encodeURIComponent(stream)}`,
    type: `io.saccade.event.${phase}`,
    time: time(happened.timestampUs),
    ...(peak.track !== null && { subject: String(peak.track) }),
    datacontenttype: 'application/json',
    sequence: String(sequence).padStart(6, '0'),
    partitionkey: stream,
    data: {
      schema: 'saccade/event/1',
      event,
      stream,
      query,
      label: peak.label,
      score: peak.score,
      clock: epochMs === undefined ? 'media' : 'wall',
      start: time(start.timestampUs),
      end: end && time(end.timestampUs),
      startUs: start.timestampUs,
      endUs: end?.timestampUs ?? null,
      startFrame: start.frame,
      endFrame: end?.frame ?? null,
      peakFrame: peak.frame,
      peakFrameTime: time(peak.timestampUs),
      box: peak.box,
      track: peak.track,
      decidedBy: { stage: peak.decidedBy },
    },
  };
}

/** 32 hex digits of SHA-256: what a receiver recognizes an event by that is told twice. */
function eventId(query: string, stream: string, startUs: number): string {
  return createHash('sha256')
    .update(JSON.stringify([query, stream, startUs]))
    .digest('hex')
    .slice(0, 32);
}
