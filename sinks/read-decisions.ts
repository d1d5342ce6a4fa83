import type { Decision } from '../cascade/index.ts';
import { decisionSchema } from './decision-schema.ts';
import { readJsonl } from './read-jsonl.ts';

/** What a reader keeps of each decision: without the detections, a day of video is a few hundred MB less. */
export type DecisionSummary = Pick<Decision, 'frame' | 'timestampUs' | 'label' | 'rawLabel' | 'decidedBy'>;

/**
 * Reads what `saccade run` or `saccade label` wrote, in the order of the file.
 * @throws SINK_ROWS_UNREADABLE, SINK_ROW_INVALID - as {@link readJsonl}.
 */
export async function readDecisions(path: string): Promise<DecisionSummary[]> {
  const decisions: DecisionSummary[] = [];
  for await (const { row } of readJsonl({ path, schema: decisionSchema, row: 'decision' })) {
    const { frame, timestampUs, label, rawLabel, decidedBy } = row;
    decisions.push({ frame, timestampUs, label, rawLabel, decidedBy });
  }
  return decisions;
}
