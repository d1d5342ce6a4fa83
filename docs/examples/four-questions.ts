// Four questions to one camera: it is decoded once, and the detector is asked once about a frame.
import { cascade, file, pipeline, toJsonl } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.' } = process.env;

const ask = (
  name: string,
  predicate: { readonly label: string; readonly minHeight?: number; readonly zone?: [number, number][] },
) =>
  pipeline(
    name,
    file(DOOR, { stream: 'door' }),
    cascade({ predicate, reference: 'synthetic-detector', skip: { every: 5 } }),
    toJsonl(`${OUT}/${name}.jsonl`, { toJson: ({ frame, label }) => ({ frame, label }) }),
  );

export default [
  ask('any-person', { label: 'person' }),
  ask('near-person', { label: 'person', minHeight: 0.3 }),
  ask('person-on-the-left', {
    label: 'person',
    zone: [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  }),
  ask('any-vehicle', { label: 'vehicle' }),
];
