// At night the detector is less sure of what it sees: other thresholds then. It is asked once a frame all the same.
import { cascade, events, file, filter, pipeline, toJsonl } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.', START = '2026-06-01T21:59:55Z' } = process.env;
const startTime = new Date(START);

const isDay = ({ timestampUs }: { readonly timestampUs: number }) => {
  const hour = new Date(startTime.getTime() + timestampUs / 1000).getUTCHours();
  return hour >= 6 && hour < 22;
};

const person = (name: string, minScore: number, holds: typeof isDay) =>
  pipeline(
    name,
    file(DOOR, { stream: 'door' }),
    cascade({ predicate: { label: 'person', minScore }, reference: 'synthetic-detector', skip: { every: 5 } }),
    filter(decision => holds(decision)),
    events({ startTime }),
    toJsonl(`${OUT}/${name}.jsonl`),
  );

export default [person('person-by-day', 0.6, isDay), person('person-by-night', 0.3, item => !isDay(item))];
