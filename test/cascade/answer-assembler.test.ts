import { describe, expect, it } from 'vitest';
import { AnswerAssembler } from '../../cascade/answer-assembler.ts';
import type { Decision } from '../../cascade/decision.ts';
import type { Detection } from '../../cascade/detection.ts';
import { smooth } from '../../cascade/smoothing.ts';
import { type LookColumns, type LookKind, lookKinds } from '../../cascade/stream-protocol.ts';
import type { FrameTable } from '../../ingest/index.ts';
import { seeded } from './random.ts';

const person: Detection = { label: 'person', score: 0.9, box: { x: 0.1, y: 0.1, width: 0.1, height: 0.4 } };

interface Look {
  readonly frame: number;
  readonly kind: LookKind;
  readonly comparedWith?: number;
}

function columns(looks: readonly Look[]): LookColumns {
  return {
    frames: Uint32Array.from(looks, ({ frame }) => frame),
    kinds: Uint8Array.from(looks, ({ kind }) => lookKinds.indexOf(kind)),
    differences: Float64Array.from(looks, () => 1),
    confidences: Float64Array.from(looks, () => 0.5),
    comparedWith: Int32Array.from(looks, ({ comparedWith }) => comparedWith ?? -1),
  };
}

function table(frames: number): FrameTable {
  return { timestampsUs: Float64Array.from({ length: frames }, (_, i) => i * 100_000), keyframes: Uint32Array.of(0) };
}

function assembler(frames: number, history: readonly Pick<Decision, 'rawLabel' | 'decidedBy'>[] = []): AnswerAssembler {
  const predicate = { label: 'person', minScore: 0.5 };
  return new AnswerAssembler({ stream: 's', table: table(frames), predicate, smoothingMs: 500, history });
}

/** A random footage of looks with the raw labels that follow from the rules, computed frame by frame. */
function randomFootage(
  random: () => number,
  frames: number,
): { looks: Look[]; answers: Map<number, boolean>; raw: boolean[] } {
  const looks: Look[] = [];
  const answers = new Map<number, boolean>();
  const raw: boolean[] = [];
  let last = false;
  for (let frame = 0; frame < frames; frame++) {
    const kind = lookKinds[Math.floor(random() * lookKinds.length)] ?? 'lost';
    if (random() < 0.4) {
      raw.push(last);
      continue;
    }
    const comparedWith = kind === 'unchanged' && frame > 0 && random() < 0.7 ? Math.floor(random() * frame) : -1;
    looks.push({ frame, kind, comparedWith });
    if (kind === 'ask-reference') answers.set(frame, random() < 0.5);
    const own: Record<string, boolean | undefined> = {
      unchanged: comparedWith < 0 ? false : raw[comparedWith],
      rejected: false,
      accepted: true,
      lost: last,
      stale: last,
      superseded: last,
      full: last,
    };
    last = kind === 'ask-reference' ? answers.get(frame) === true : own[kind] === true;
    raw.push(last);
  }
  return { looks, answers, raw };
}

describe('AnswerAssembler', () => {
  it('gives the labels of the rules in frame order, whatever order looks and answers come in', () => {
    const random = seeded(7);
    for (let round = 0; round < 200; round++) {
      const frames = 1 + Math.floor(random() * 50);
      const { looks, answers, raw } = randomFootage(random, frames);
      const assembled = assembler(frames);
      const steps: (() => void)[] = [];
      for (let from = 0; from < frames; ) {
        const to = Math.min(frames, from + 1 + Math.floor(random() * 10));
        const range = { from, to };
        const seen = columns(looks.filter(({ frame }) => frame >= range.from && frame < range.to));
        const report = (): void => {
          assembled.addLooks(seen);
          assembled.settle(range);
        };
        steps.push(report);
        // A restarted worker repeats itself.
        if (random() < 0.3) steps.push(report);
        from = to;
      }
      for (const [frame, label] of answers) {
        steps.push(() => assembled.addAnswer(frame, { detections: label ? [person] : [] }));
      }
      const taken: Decision[] = [];
      while (steps.length > 0) {
        steps.splice(Math.floor(random() * steps.length), 1)[0]?.();
        taken.push(...assembled.take());
      }
      expect(assembled.isComplete).toBe(true);
      expect(taken.map(({ frame }) => frame)).toEqual(raw.map((_, i) => i));
      expect(taken.map(({ rawLabel }) => rawLabel)).toEqual(raw);
      expect(taken.map(({ label }) => label)).toEqual(smooth(table(frames).timestampsUs, raw, 500));
    }
  });

  it('goes on from a history with the same decisions as in one go', () => {
    const random = seeded(8);
    for (let round = 0; round < 50; round++) {
      const frames = 60;
      const { looks, answers } = randomFootage(random, frames);
      const run = (history: readonly Decision[]): Decision[] => {
        const assembled = assembler(frames, history);
        const from = history.length;
        assembled.addLooks(columns(looks.filter(({ frame }) => frame >= from)));
        assembled.settle({ from, to: frames });
        for (const [frame, label] of answers) assembled.addAnswer(frame, { detections: label ? [person] : [] });
        return assembled.take();
      };
      const whole = run([]);
      const cut = Math.floor(random() * frames);
      expect(run(whole.slice(0, cut))).toEqual(whole.slice(cut));
    }
  });

  it('answers a frame that failed with the label before it and the reason', () => {
    const assembled = assembler(3);
    const looks: Look[] = [
      { frame: 0, kind: 'accepted' },
      { frame: 1, kind: 'ask-reference' },
      { frame: 2, kind: 'lost' },
    ];
    assembled.addLooks(columns(looks));
    assembled.settle({ from: 0, to: 3 });
    expect(assembled.take()).toEqual([]);
    assembled.addAnswer(1, { code: 'CASCADE_MODEL_RUN_FAILED', message: 'poison' });
    const [, failed, lost] = assembled.take();
    expect(failed).toMatchObject({
      decidedBy: 'failed',
      code: 'CASCADE_MODEL_RUN_FAILED',
      rawLabel: true,
      inheritedFrom: 0,
    });
    expect(lost).toMatchObject({ decidedBy: 'failed', code: 'CASCADE_FRAME_LOST', rawLabel: true, inheritedFrom: 1 });
  });

  it('goes on behind an empty range that begins where another one does', () => {
    const assembled = assembler(3);
    assembled.addLooks(columns([0, 1, 2].map(frame => ({ frame, kind: 'accepted' }))));
    // Keyframes side by side: the group of the first has no inside.
    for (const frame of [0, 1, 2]) assembled.settle({ from: frame, to: frame + 1 });
    assembled.settle({ from: 1, to: 1 });
    expect(assembled.take()).toHaveLength(3);
  });

  it('takes what is known without asking', () => {
    const assembled = assembler(2);
    assembled.addKnown(0, [person]);
    expect(assembled.isAnswered(0)).toBe(true);
    expect(assembled.isAnswered(1)).toBe(false);
    assembled.settle({ from: 0, to: 2 });
    expect(assembled.take().map(({ decidedBy, label }) => [decidedBy, label])).toEqual([
      ['referenced', true],
      ['skipped', true],
    ]);
  });

  it('gives the same labels for a live source, and keeps only what later frames refer to', () => {
    const random = seeded(11);
    const frames = 20_000;
    const smoothingMs = 500;
    const farthest = 40;
    const predicate = { label: 'person', minScore: 0.5 };
    const live = new AnswerAssembler({ stream: 's', table: null, predicate, smoothingMs });
    const timestampsUs = Float64Array.from({ length: frames }, (_, i) => 1.7e15 + i * 100_000 + random() * 50_000);
    const raw: boolean[] = [];
    const decisions: Decision[] = [];
    let [last, mostKept] = [false, 0];
    for (let from = 0; from < frames; ) {
      const to = Math.min(frames, from + 1 + Math.floor(random() * 10));
      const looks: Look[] = [];
      for (let frame = from; frame < to; frame++) {
        const kind = (['unchanged', 'rejected', 'accepted', 'stale'] as const)[Math.floor(random() * 4)] ?? 'stale';
        const comparedWith = kind === 'unchanged' ? frame - 1 - Math.floor(random() * farthest) : -1;
        if (random() < 0.4) raw.push(last);
        else {
          looks.push({ frame, kind, comparedWith });
          if (kind !== 'stale') last = kind === 'accepted' || (comparedWith >= 0 && raw[comparedWith] === true);
          raw.push(last);
        }
      }
      live.addLooks(columns(looks));
      live.settle({ from, to }, { timestampsUs: timestampsUs.slice(from, to), keepFrom: Math.max(0, to - farthest) });
      decisions.push(...live.take());
      mostKept = Math.max(mostKept, live.kept);
      from = to;
    }
    live.end();
    decisions.push(...live.take());
    expect(live.isComplete).toBe(true);
    expect(decisions.map(({ frame }) => frame)).toEqual(raw.map((_, i) => i));
    expect(decisions.map(({ rawLabel }) => rawLabel)).toEqual(raw);
    expect(decisions.map(({ timestampUs }) => timestampUs)).toEqual([...timestampsUs]);
    expect(decisions.map(({ label }) => label)).toEqual(smooth(timestampsUs, raw, smoothingMs));
    expect(mostKept).toBeLessThan(1024 + 2 * farthest);
  });

  it('decides what waits for its window once the time has passed, though no frame comes', () => {
    const predicate = { label: 'person', minScore: 0.5 };
    const live = new AnswerAssembler({ stream: 's', table: null, predicate, smoothingMs: 1000 });
    live.addLooks(
      columns([
        { frame: 0, kind: 'accepted' },
        { frame: 1, kind: 'ask-reference' },
      ]),
    );
    live.settle({ from: 0, to: 2 }, { timestampsUs: [1e6, 1.1e6], keepFrom: 0 });
    expect(live.take()).toEqual([]);
    // An answer is still due: what comes after it must not be passed over.
    expect(live.pass(9e6)).toEqual([]);
    live.addAnswer(1, { detections: [person] });
    expect(live.pass(1.5e6)).toEqual([]);
    expect(live.pass(1.55e6).map(({ frame }) => frame)).toEqual([0]);
    expect(live.pass(2e6).map(({ frame, label }) => [frame, label])).toEqual([[1, true]]);
  });
});
