import type { Decision, Detection } from '../../cascade/index.ts';
import type { StreamItem } from '../../streams-dsl/index.ts';

/** An item of the stream `door` at a time in ms. */
export function at<Extra extends object>(ms: number, extra: Extra): StreamItem & Extra {
  return { stream: 'door', timestampUs: ms * 1000, ...extra };
}

/** A decision that the reference model gave; 10 frames a second. */
export function referenced(
  frame: number,
  label: boolean,
  detections: readonly Detection[] = [],
  stream = 'door',
): Decision {
  const score = Math.max(0, ...detections.map(detection => detection.score));
  const base = { stream, frame, timestampUs: frame * 100_000, label, rawLabel: label };
  return { ...base, decidedBy: 'referenced', difference: null, confidence: null, score, detections };
}

/** A decision of the specialized model. */
export function specialized(frame: number, confidence: number, stream = 'door'): Decision {
  const label = confidence >= 0.5;
  const base = { stream, frame, timestampUs: frame * 100_000, label, rawLabel: label };
  return { ...base, decidedBy: label ? 'accepted' : 'rejected', difference: null, confidence };
}

/** A person whose box has this left edge. */
export function person(x: number, score = 0.9): Detection {
  return { label: 'person', score, box: { x, y: 0.2, width: 0.1, height: 0.4 } };
}
