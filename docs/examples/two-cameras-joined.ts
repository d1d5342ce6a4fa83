// When is somebody at the door and in the yard at the same time?
import { cascade, file, filter, join, map, pipeline, toJsonl } from 'saccade';

const { DOOR = 'door.mp4', YARD = 'yard.mp4', OUT = '.' } = process.env;

export default pipeline(
  'door-and-yard',
  [file(DOOR, { stream: 'door' }), file(YARD, { stream: 'yard' })],
  cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 5 } }),
  join(['door', 'yard'], { within: '100ms' }),
  filter(({ left, right }) => left.label && right.label),
  map(({ left, right }) => ({ timestampUs: left.timestampUs, door: left.frame, yard: right.frame })),
  toJsonl(`${OUT}/door-and-yard.jsonl`),
);
