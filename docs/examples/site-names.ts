// Adds to each event the name of the site, which lies in a JSON file: { "door": "Front door, Berlin" }. An event whose site
// cannot be found in time goes on without it, marked.
import { readFile } from 'node:fs/promises';
import { cascade, events, file, lookup, map, pipeline, toJsonl } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.', SITES = 'sites.json' } = process.env;

const siteOf = async (stream: string): Promise<string> => {
  const name = JSON.parse(await readFile(SITES, 'utf8'))[stream];
  if (typeof name !== 'string') throw new Error(`${SITES} has no site ${stream}`);
  return name;
};

export default pipeline(
  'site-names',
  file(DOOR, { stream: 'door' }),
  cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 5 } }),
  events({ minDuration: '500ms' }),
  lookup({ key: event => event.data.stream, load: siteOf, default: null, deadline: '1s', cache: { ttl: '1h' } }),
  map(({ item, value, defaulted }) => ({ ...item.data, phase: item.type, site: value, siteMissing: defaulted })),
  toJsonl(`${OUT}/site-names.jsonl`),
);
