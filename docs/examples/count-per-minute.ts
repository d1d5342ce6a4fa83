// How many frames of each minute have a person in them, for each stream apart.
import { aggregate, cascade, file, groupBy, pipeline, toJsonl, window } from 'saccade';

const { DOOR = 'door.mp4', YARD = 'yard.mp4', OUT = '.' } = process.env;

export default pipeline(
  'count-per-minute',
  [file(DOOR, { stream: 'door' }), file(YARD, { stream: 'yard' })],
  cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 5 } }),
  groupBy(decision => decision.stream, aggregate({ over: window({ every: '1m' }), count: decision => decision.label })),
  toJsonl(`${OUT}/count-per-minute.jsonl`),
);
