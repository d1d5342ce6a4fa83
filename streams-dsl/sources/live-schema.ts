import { z } from 'zod';
import type { LiveOptions } from '../../ingest/index.ts';

/** Checks how a live source is served. */
export const liveSchema: z.ZodType<LiveOptions> = z
  .strictObject({
    mode: z.enum(['every-frame', 'auto', 'freshest']).optional(),
    stalenessMs: z.number().positive().optional(),
    limit: z.int().min(1).optional(),
  })
  .transform(live => live as LiveOptions);
