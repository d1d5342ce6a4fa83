import { defer, map as rxMap } from 'rxjs';
import { z } from 'zod';
import type { Decision, Detection } from '../../cascade/index.ts';
import {
  checkOptions,
  durationRule,
  functionRule,
  optional,
  optionError,
  shareRule,
  textRule,
} from '../check-options.ts';
import { reportDrop } from '../drops.ts';
import { type Duration, durationUs } from '../duration.ts';
import {
  type EventChange,
  type EventFrame,
  EventMachine,
  type EventMachineState,
  type EventRules,
} from '../event-machine.ts';
import type { EventPictures } from '../event-pictures.ts';
import { attachPicture, PeakStill, type PicturedEvent } from '../event-stills.ts';
import { KeptState } from '../kept-state.ts';
import { mapInOrder } from '../map-in-order.ts';
import { describeOperator, type OperatorDescription, type StatefulOperator, type StreamOperator } from '../operator.ts';
import { runMachine } from '../run-machine.ts';
import { type SaccadeEvent, saccadeEvent } from '../saccade-event.ts';
import { functionName } from '../user-function.ts';

/** When an event starts, goes on and ends. All times are stream time. */
export interface EventsOptions {
  /** Name of the query, part of the events' ids. Default: the name of the pipeline, or `query` outside of one. */
  readonly query?: string;
  /** Class of the object that an event tells of. Default: whichever scores best. */
  readonly label?: string;
  /**
   * Score from which on an event starts, 0–1, inclusive. Default: the label decides rather than the score. Scores are the
   * reference model's where it answered and the specialized model's elsewhere; frames that no model looked at carry the
   * score before them, and those that are like the empty scene score 0.
   */
  readonly startThreshold?: number;
  /** Score below which an event stops, at most `startThreshold`. Default `startThreshold`. */
  readonly stopThreshold?: number;
  /** What lasts less, from first to last frame, is no event. Default 1 s. */
  readonly minDuration?: Duration;
  /**
   * What is interrupted for no longer is one event, counted from the last frame before the interruption; an event is known
   * to have ended so much later. Default 2 s; 0: any frame below interrupts.
   */
  readonly mergeGap?: Duration;
  /** Time after the end of an event in which none can start. Default 5 s. */
  readonly cooldown?: Duration;
  /** Time between updates of an event that lasts. Default 10 s. */
  readonly updateEvery?: Duration;
  /** Date of stream time 0; a function of the stream's name where streams differ. Default: unknown, 1970. */
  readonly startTime?: Date | ((stream: string) => Date);
  /**
   * Whether each told event has a JPEG of its peak frame so far in `data.image`, as the reference model saw it, with the boxes
   * drawn: `true` as a `data:` URL, or a folder for files of its own, named by a `file:` URL. Null where the reference model did
   * not look at that frame. Default false.
   */
  readonly picture?: boolean | { readonly folder: string };
}

/** The operator of {@link events}, which can still be given the name of the pipeline that it stands in. */
export interface EventsOperator extends StatefulOperator<Decision, SaccadeEvent> {
  /** The same operator with this query, unless its options name one. */
  forQuery(name: string): StatefulOperator<Decision, SaccadeEvent>;
}

/** Events that want pictures. */
export interface PicturedOperator extends StatefulOperator<Decision, SaccadeEvent> {
  /** The same operator, which takes its pictures from there. */
  picturedBy(pictures: EventPictures): StatefulOperator<Decision, SaccadeEvent>;
}

/** Whether an operator wants pictures of frames. */
export function wantsPictures(operator: object): operator is PicturedOperator {
  return 'picturedBy' in operator;
}

/**
 * Turns the decisions of each stream into events: started, updated and ended, as CloudEvents 1.0.
 *
 * ```
 * in   --0-1-1-1-0-1-1-0-0-0-0-|
 *      events({ minDuration, mergeGap })
 * out  ------s-----------e-----|
 * ```
 *
 * An event is told of once it has lasted `minDuration`, and ended once it has been over for more than `mergeGap`; both with
 * the times at which that happened. The ids depend on query, stream and start alone, so a repeated run tells the same. A
 * decision that lies before an earlier one is dropped as `late`; a clock that is set back by more than 10 s ends the event
 * under way. On completion ends what is under way; on error tells nothing more; unsubscribes the source. Holds no items,
 * only the first, last and best frame of one event a stream, and the picture of the best where pictures are asked for.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit.
 */
export function events(options: EventsOptions = {}): EventsOperator {
  checkOptions('events', options, rules);
  const { startThreshold, stopThreshold = startThreshold, query } = options;
  if (stopThreshold !== undefined && stopThreshold > (startThreshold ?? 0)) {
    throw optionError('events', 'stopThreshold', stopThreshold, `at most startThreshold, ${startThreshold}`);
  }
  const { picture = false } = options;
  const forQuery = (name: string): StatefulOperator<Decision, SaccadeEvent> => {
    const picturedBy = (pictures: EventPictures | null): StatefulOperator<Decision, SaccadeEvent> => {
      const keptIn = (state: KeptState): StreamOperator<Decision, SaccadeEvent> =>
        operatorFor(options, query ?? name, state, pictures);
      return Object.assign(keptIn(new KeptState()), { keptIn });
    };
    return Object.assign(picturedBy(null), picture !== false && { picturedBy });
  };
  return Object.assign(forQuery('query'), { forQuery });
}

function operatorFor(
  options: EventsOptions,
  query: string,
  kept: KeptState,
  pictures: EventPictures | null,
): StreamOperator<Decision, SaccadeEvent> {
  const { picture = false } = options;
  const { label, startThreshold, stopThreshold = startThreshold, startTime } = options;
  const { minDuration = '1s', mergeGap = '2s', cooldown = '5s', updateEvery = '10s' } = options;
  const told = startTime instanceof Date ? startTime.toISOString() : startTime && functionName(startTime);
  const operator: OperatorDescription = {
    kind: 'events',
    options: {
      query,
      label,
      startThreshold,
      stopThreshold,
      minDuration,
      mergeGap,
      cooldown,
      updateEvery,
      startTime: told,
      picture: picture || undefined,
    },
  };
  const eventRules: EventRules = {
    // Without thresholds the score of a frame is its label: 0 or 1.
    startThreshold: startThreshold ?? 0.5,
    stopThreshold: stopThreshold ?? 0.5,
    minDurationUs: durationUs(minDuration),
    mergeGapUs: durationUs(mergeGap),
    cooldownUs: durationUs(cooldown),
    updateEveryUs: durationUs(updateEvery),
  };
  const byScore = startThreshold !== undefined;
  const tell = (stream: string, { phase, start, last, peak, now, sequence }: EventChange): SaccadeEvent => {
    const epochMs = (typeof startTime === 'function' ? startTime(stream) : startTime)?.getTime();
    const end = phase === 'ended' ? last : null;
    return saccadeEvent({ phase, query, stream, start, end, peak, sequence, now, epochMs });
  };
  const machine = runMachine<Decision, PicturedEvent>(() => {
    const streams = new Map<string, StreamEvents>();
    const keptOf = kept.attach(stream => {
      const known = streams.get(stream);
      return known && { machine: known.machine.state, level: known.level };
    });
    return {
      next(decision) {
        const { stream } = decision;
        let state = streams.get(stream);
        if (state === undefined) {
          const before = keptOf(stream) as { machine: EventMachineState; level: number } | undefined;
          state = {
            machine: new EventMachine(eventRules, before?.machine),
            level: before?.level ?? 0,
            still: new PeakStill(pictures, label),
          };
          streams.set(stream, state);
        }
        const frame = scoreFrame(decision, { byScore, before: state.level, label });
        state.level = frame.level;
        const changes = state.machine.next(frame);
        state.still.look(decision);
        if (changes === 'late') {
          reportDrop({ operator, reason: 'late', item: decision });
          return [];
        }
        const { still } = state;
        const events = changes.map(change => ({ event: tell(stream, change), still: still.of(change.peak.frame) }));
        still.keep(state.machine.peakFrame);
        return events;
      },
      end: () =>
        [...streams].flatMap(([stream, state]) =>
          state.machine
            .end()
            .map(change => ({ event: tell(stream, change), still: state.still.of(change.peak.frame) })),
        ),
    };
  });
  return describeOperator(operator, source => {
    const told = machine(source);
    if (picture === false) return told.pipe(rxMap(({ event }) => event));
    const attach = (one: PicturedEvent): Promise<SaccadeEvent> => attachPicture(one, pictures, picture);
    return told.pipe(
      mapInOrder({
        concurrency: mostEncoded,
        work: one => defer(() => attach(one)),
        onUnstarted: () => undefined,
        onUngiven: () => undefined,
      }),
    );
  });
}

/** Events whose pictures are encoded at once. */
const mostEncoded = 4;

interface StreamEvents {
  readonly machine: EventMachine;
  level: number;
  readonly still: PeakStill;
}

const folderSchema = z.strictObject({ folder: z.string().min(1) });

const rules = {
  query: optional(textRule),
  label: optional(textRule),
  startThreshold: optional(shareRule),
  stopThreshold: optional(shareRule),
  minDuration: optional(durationRule()),
  mergeGap: optional(durationRule()),
  cooldown: optional(durationRule()),
  updateEvery: optional(durationRule(1)),
  picture: optional({
    expected: 'true, false or { folder }',
    holds: value => typeof value === 'boolean' || folderSchema.safeParse(value).success,
  }),
  startTime: optional({
    expected: 'a Date or a function that gives one',
    holds: value => functionRule.holds(value) || (value instanceof Date && !Number.isNaN(value.getTime())),
  }),
};

function scoreFrame(
  decision: Decision,
  {
    byScore,
    before,
    label,
  }: { readonly byScore: boolean; readonly before: number; readonly label: string | undefined },
): EventFrame {
  const { frame, timestampUs, decidedBy } = decision;
  const score = ownScore(decision);
  const level = byScore ? (score ?? carriedLevel(decision, before)) : Number(decision.label);
  const seen = decidedBy === 'referenced' ? bestDetection(decision.detections, label) : null;
  const box = seen && { x: seen.box.x, y: seen.box.y, w: seen.box.width, h: seen.box.height };
  return { frame, timestampUs, decidedBy, level, score, label: seen?.label ?? null, box, track: seen?.track ?? null };
}

function ownScore(decision: Decision): number | null {
  switch (decision.decidedBy) {
    case 'referenced':
      return decision.score;
    case 'accepted':
    case 'rejected':
      return decision.confidence;
    case 'skipped':
    case 'unchanged':
    case 'defaulted':
    case 'failed':
      return null;
  }
}

function carriedLevel(decision: Decision, before: number): number {
  return decision.decidedBy === 'unchanged' && decision.inheritedFrom === null ? 0 : before;
}

/** The best detection of a class, with its track where it has one. */
function bestDetection(
  detections: readonly (Detection & { readonly track?: number })[],
  label: string | undefined,
): (Detection & { readonly track?: number }) | null {
  let best: (Detection & { readonly track?: number }) | null = null;
  for (const detection of detections) {
    if (label !== undefined && detection.label !== label) continue;
    if (best === null || detection.score > best.score) best = detection;
  }
  return best;
}
