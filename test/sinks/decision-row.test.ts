import { expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { decisionRow, decisionSchema } from '../../sinks/index.ts';
import { sampleDecisions } from './sample-decisions.ts';

const base = { stream: 's', frame: 3, timestampUs: 5, label: true, rawLabel: true };
const others: Decision[] = [
  { ...base, decidedBy: 'defaulted', reason: 'deadline', inheritedFrom: 2 },
  {
    ...base,
    decidedBy: 'failed',
    code: 'CASCADE_FRAME_LOST',
    message: 'Frame 3 could not be decoded.',
    inheritedFrom: null,
  },
  { ...base, decidedBy: 'rejected', difference: null, confidence: 0 },
];

it('tidies numbers: scores to 6 digits, boxes to 4 decimals', () => {
  const [unchanged, rejected, referenced] = sampleDecisions('=rR').map(decisionRow);
  expect(unchanged).toMatchObject({ difference: 0.123457 });
  expect(rejected).toMatchObject({ difference: 12.3457, confidence: 0.01 });
  expect(referenced).toMatchObject({
    score: 0.7,
    detections: [{ label: 'person', score: 0.7, box: { x: 0.1235, y: 0.2, width: 0.3, height: 0.4 } }],
  });
});

it('fits the schema in every form, and comes back as it was', () => {
  for (const decision of [...sampleDecisions('-=rAR'), ...others]) {
    const row = decisionRow(decision);
    expect(decisionSchema.parse(JSON.parse(JSON.stringify(row)))).toEqual(row);
  }
});

it('refuses rows that are none', () => {
  for (const wrong of [
    {},
    { ...others[0], decidedBy: 'guessed' },
    { ...others[2], confidence: 2 },
    { ...others[2], frame: -1 },
  ]) {
    expect(decisionSchema.safeParse(wrong).success).toBe(false);
  }
});
