// Who is who: each object keeps its number as long as it is in sight.
import { cascade, file, filter, map, pipeline, toJsonl, track } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.' } = process.env;

const isSure = ({ score }: { readonly score: number }) => score >= 0.5;

export default pipeline(
  'track-ids',
  file(DOOR, { stream: 'door' }),
  cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 2 } }),
  // The detector tells of all that it takes for possible; only what it is sure of is worth a number.
  map(decision =>
    'detections' in decision ? { ...decision, detections: decision.detections.filter(isSure) } : decision,
  ),
  track({ maxGap: '1s' }),
  filter(decision => decision.decidedBy === 'referenced'),
  map(({ frame, detections }) => ({
    frame,
    seen: detections.map(({ label, track: id, box }) => ({ label, id, x: box.x, y: box.y })),
  })),
  toJsonl(`${OUT}/track-ids.jsonl`),
);
