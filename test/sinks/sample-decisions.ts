import type { Decision } from '../../cascade/index.ts';

/** Decisions of a stream `door`, one a character: `-` skipped, `=` unchanged, `r` rejected, `A` accepted, `R` referenced. */
export function sampleDecisions(text: string): Decision[] {
  return [...text].map((sign, frame): Decision => {
    const label = sign === sign.toUpperCase() && sign !== sign.toLowerCase();
    const base = { stream: 'door', frame, timestampUs: frame * 40_000, label, rawLabel: label };
    const box = { x: 0.123456, y: 0.2, width: 0.300049, height: 0.4 };
    switch (sign.toLowerCase()) {
      case '-':
        return { ...base, decidedBy: 'skipped', inheritedFrom: frame === 0 ? null : frame - 1 };
      case '=':
        return { ...base, decidedBy: 'unchanged', difference: 0.1234567891, inheritedFrom: null };
      case 'r': {
        const detections = [{ label: 'person', score: 0.7000000476837158, box }];
        if (label)
          return {
            ...base,
            decidedBy: 'referenced',
            difference: null,
            confidence: 0.5,
            score: 0.7000000476837158,
            detections,
          };
        return { ...base, decidedBy: 'rejected', difference: 12.3456789, confidence: 0.01 };
      }
      default:
        return { ...base, decidedBy: 'accepted', difference: 12.3456789, confidence: 0.99 };
    }
  });
}
