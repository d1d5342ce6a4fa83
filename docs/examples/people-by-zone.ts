// How many people stand left and right, at most, in each five seconds.
import { aggregate, cascade, file, filter, pipeline, toJsonl, window, zone } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.' } = process.env;

const people = (name: string, polygon: Parameters<typeof zone>[0]) =>
  pipeline(
    `people-${name}`,
    file(DOOR, { stream: 'door' }),
    cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 5 } }),
    filter(decision => decision.decidedBy === 'referenced'),
    zone(polygon),
    aggregate({ over: window({ every: '5s' }), max: ({ detections }) => detections.filter(isPerson).length }),
    toJsonl(`${OUT}/people-${name}.jsonl`),
  );

// The detector tells of all that it takes for possible, with a score.
const isPerson = ({ label, score }: { readonly label: string; readonly score: number }) =>
  label === 'person' && score >= 0.5;

// Points [x, y] as shares of the picture, from its top left corner.
export default [
  people('left', [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ]),
  people('right', [
    [0.5, 0],
    [1, 0],
    [1, 1],
    [0.5, 1],
  ]),
];
