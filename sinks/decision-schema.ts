import { z } from 'zod';
import type { Decision } from '../cascade/index.ts';

const frame = z.int().min(0).describe('index of a frame in its footage, from 0, every frame counted');
const share = z.number().min(0).max(1);
const difference = z.number().min(0).describe('difference score, in the units of the detector');
const inheritedFrom = frame.nullable().describe('earlier frame whose label it carries; null: none, the label is false');

const base = {
  stream: z.string().describe('name of the stream'),
  frame,
  timestampUs: z.int().describe('media time in microseconds'),
  label: z.boolean().describe('the answer, after smoothing'),
  rawLabel: z.boolean().describe('the answer of this frame alone, before smoothing'),
};

const detection = z.object({
  label: z.string(),
  score: share,
  box: z
    .object({ x: share, y: share, width: share, height: share })
    .describe('shares of the frame, from its top left corner'),
});

/** Schema of a row of `saccade run` and `saccade label`: one decision a line. Fields that it does not know are dropped. */
export const decisionSchema: z.ZodType<Decision> = z.discriminatedUnion('decidedBy', [
  z.object({ ...base, decidedBy: z.literal('skipped'), inheritedFrom }),
  z.object({ ...base, decidedBy: z.literal('unchanged'), difference, inheritedFrom }),
  z.object({
    ...base,
    decidedBy: z.literal(['rejected', 'accepted']),
    difference: difference.nullable(),
    confidence: share,
  }),
  z.object({
    ...base,
    decidedBy: z.literal('referenced'),
    difference: difference.nullable(),
    confidence: share.nullable(),
    score: share,
    detections: z.array(detection),
  }),
  z.object({ ...base, decidedBy: z.literal('defaulted'), reason: z.string(), inheritedFrom }),
  z.object({ ...base, decidedBy: z.literal('failed'), code: z.string(), message: z.string(), inheritedFrom }),
]);
