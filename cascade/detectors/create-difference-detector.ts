import type { PixelRequest } from '../../ingest/index.ts';
import { cascadeErrors } from '../errors.ts';
import { describeIssues } from '../schema-issues.ts';
import { blockedMse } from './blocked-mse.ts';
import {
  type DifferenceDetector,
  type DifferenceDetectorConfig,
  differenceDetectorSchema,
} from './difference-detector.ts';
import { globalMse } from './global-mse.ts';

/**
 * Makes the detector that a plan describes.
 * @throws CASCADE_DIFFERENCE_DETECTOR_INVALID - when the description does not fit its schema.
 */
export function createDifferenceDetector(config: DifferenceDetectorConfig): DifferenceDetector {
  const parsed = differenceDetectorSchema.safeParse(config, { reportInput: true });
  if (!parsed.success) {
    throw cascadeErrors.create('CASCADE_DIFFERENCE_DETECTOR_INVALID', { issues: describeIssues(parsed.error) });
  }
  const { metric, width, height, format } = parsed.data;
  const request: PixelRequest = { width, height, format };
  switch (metric.kind) {
    case 'global':
      return globalMse(request);
    case 'blocked':
      return blockedMse(request, metric);
  }
}
