// Keeps a picture of each visit: the frame that shows it best, with boxes.
import { cascade, events, file, pipeline, toJsonl } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.' } = process.env;

export default pipeline(
  'event-pictures',
  file(DOOR, { stream: 'door' }),
  cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 5 } }),
  events({ minDuration: '500ms', mergeGap: '1s', picture: { folder: `${OUT}/pictures` } }),
  toJsonl(`${OUT}/event-pictures.jsonl`),
);
