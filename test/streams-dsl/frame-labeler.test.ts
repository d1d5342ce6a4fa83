import { describe, expect, it } from 'vitest';
import { AnswerAssembler } from '../../cascade/answer-assembler.ts';
import type { Decision, Detection } from '../../cascade/index.ts';
import { lookKinds } from '../../cascade/stream-protocol.ts';
import { type FrameAnswer, FrameLabeler } from '../../streams-dsl/runtime/frame-labeler.ts';
import { seeded } from '../cascade/random.ts';

const box = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };
const someone: Detection = { label: 'person', score: 0.8, box };
const frameCount = 200;

/** Random answers to the frames of a stream, as a cascade with a skip rule and a difference detector could give them. */
function randomAnswers(random: () => number, stream: string): FrameAnswer[] {
  const looked: number[] = [];
  return Array.from({ length: frameCount }, (_, frame): FrameAnswer => {
    const place = { stream, frame, timestampUs: frame * 40_000 };
    if (frame % 3 !== 0) return { ...place, decidedBy: 'skipped' };
    const earlier = looked.filter(other => other <= frame - 6).at(-1);
    looked.push(frame);
    const draw = random();
    if (draw < 0.4 && earlier !== undefined) {
      return { ...place, decidedBy: 'unchanged', difference: draw, inheritedFrom: earlier };
    }
    if (draw < 0.55)
      return { ...place, decidedBy: draw < 0.5 ? 'rejected' : 'accepted', difference: 3, confidence: draw };
    if (draw < 0.6) return { ...place, decidedBy: 'failed', code: 'CASCADE_FRAME_LOST', message: `lost ${frame}` };
    const detections = draw < 0.8 ? [someone] : [];
    return { ...place, decidedBy: 'referenced', difference: 4, confidence: draw, detections };
  });
}

/** The decisions of the cascade's own assembler on the same looks and answers. */
function assemble(answers: readonly FrameAnswer[], smoothingMs: number): Decision[] {
  const timestampsUs = Float64Array.from(answers, ({ timestampUs }) => timestampUs);
  const table = { timestampsUs, keyframes: Uint32Array.of(0) };
  const assembler = new AnswerAssembler({ stream: 'door', table, predicate: { label: 'person' }, smoothingMs });
  const looks = answers.filter(({ decidedBy }) => decidedBy !== 'skipped');
  const kindOf = ({ decidedBy }: FrameAnswer): (typeof lookKinds)[number] => {
    if (decidedBy === 'referenced' || decidedBy === 'failed') return 'ask-reference';
    return decidedBy === 'unchanged' || decidedBy === 'rejected' || decidedBy === 'accepted' ? decidedBy : 'lost';
  };
  assembler.addLooks({
    frames: Uint32Array.from(looks, ({ frame }) => frame),
    kinds: Uint8Array.from(looks, look => lookKinds.indexOf(kindOf(look))),
    differences: Float64Array.from(looks, look =>
      'difference' in look ? (look.difference ?? Number.NaN) : Number.NaN,
    ),
    confidences: Float64Array.from(looks, look =>
      'confidence' in look ? (look.confidence ?? Number.NaN) : Number.NaN,
    ),
    comparedWith: Int32Array.from(looks, look => (look.decidedBy === 'unchanged' ? (look.inheritedFrom ?? -1) : -1)),
  });
  for (const look of looks) {
    if (look.decidedBy === 'referenced') assembler.addAnswer(look.frame, { detections: look.detections });
    if (look.decidedBy === 'failed') assembler.addAnswer(look.frame, { code: look.code, message: look.message });
  }
  assembler.settle({ from: 0, to: answers.length });
  return assembler.take();
}

describe('the labeler', () => {
  it.each([0, 200, 1000, 100_000])('decides as the assembler of the cascade does, smoothed over %i ms', smoothingMs => {
    for (let seed = 0; seed < 20; seed++) {
      const answers = randomAnswers(seeded(seed), 'door');
      const labeler = new FrameLabeler({ label: 'person' }, smoothingMs);
      const decisions = answers.flatMap(answer => labeler.push(answer));
      expect(frameCount - decisions.length).toBe(Math.min(frameCount, Math.floor(smoothingMs / 80) + 1));
      decisions.push(...labeler.flush());
      expect(decisions).toEqual(assemble(answers, smoothingMs));
    }
  });

  it('answers another question from the decisions of the first', () => {
    const answers = randomAnswers(seeded(3), 'door');
    const direct = new FrameLabeler({ not: { label: 'person', minScore: 0.9 } }, 400);
    const expected = [...answers.flatMap(answer => direct.push(answer)), ...direct.flush()];
    const first = new FrameLabeler({ label: 'person' }, 0);
    const decisions = [...answers.flatMap(answer => first.push(answer)), ...first.flush()];
    const second = new FrameLabeler({ not: { label: 'person', minScore: 0.9 } }, 400);
    expect([...decisions.flatMap(decision => second.push(decision)), ...second.flush()]).toEqual(expected);
  });
});
