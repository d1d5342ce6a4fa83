// Tells a web service when somebody comes and goes; what cannot be told is kept in a file.
import { cascade, events, file, pipeline, toWebhook } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.', HOOK_URL = 'http://localhost:8080/events' } = process.env;

export default pipeline(
  'events-to-webhook',
  file(DOOR, { stream: 'door' }),
  cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 5 } }),
  events({ minDuration: '500ms', mergeGap: '1s' }),
  // Signed where the environment has a secret for it.
  toWebhook(HOOK_URL, {
    ...(process.env['HOOK_SECRET'] !== undefined && { secret: { env: 'HOOK_SECRET' } }),
    deadLetterPath: `${OUT}/undelivered.jsonl`,
  }),
);
