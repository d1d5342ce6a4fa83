import type { Decision, Detection } from '../cascade/index.ts';
import { tidyNumber } from './tidy-number.ts';

/** Decimals of a box: a ten-thousandth of a frame is less than a pixel up to 8K. */
const boxSteps = 1e4;

/** A decision as it is written: scores to 6 significant digits, boxes to 4 decimals. Labels do not change. */
export function decisionRow(decision: Decision): Decision {
  switch (decision.decidedBy) {
    case 'unchanged':
      return { ...decision, difference: tidyNumber(decision.difference) };
    case 'rejected':
    case 'accepted': {
      const { difference, confidence } = decision;
      return { ...decision, difference: difference && tidyNumber(difference), confidence: tidyNumber(confidence) };
    }
    case 'referenced': {
      const { difference, confidence, score, detections } = decision;
      return {
        ...decision,
        difference: difference && tidyNumber(difference),
        confidence: confidence && tidyNumber(confidence),
        score: tidyNumber(score),
        detections: detections.map(tidyDetection),
      };
    }
    case 'skipped':
    case 'defaulted':
    case 'failed':
      return decision;
  }
}

function tidyDetection({ label, score, box }: Detection): Detection {
  const { x, y, width, height } = box;
  const tidy = (part: number): number => Math.round(part * boxSteps) / boxSteps;
  return { label, score: tidyNumber(score), box: { x: tidy(x), y: tidy(y), width: tidy(width), height: tidy(height) } };
}
