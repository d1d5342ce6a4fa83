// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how documents name variables
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descriptionOf, kafka, type LoadedPipelines, loadPipelines, toKafka } from '../../streams-dsl/index.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-documents-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(
  text: string,
  environment: Record<string, string> = {},
  name = 'door.yaml',
): Promise<LoadedPipelines> {
  const path = join(folder, name);
  await writeFile(path, text);
  return loadPipelines(path, { environment });
}

/** The message of the error, without the folder. */
async function fault(text: string, environment: Record<string, string> = {}, name?: string): Promise<string> {
  const error: unknown = await load(text, environment, name).then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Error)) throw new Error('it was loaded');
  return `${String(Reflect.get(error, 'code'))} ${error.message.replace(`${folder}/`, '')}`;
}

/** A document of one pipeline with other lines for its parts. */
function one({
  sources = ['- file: door.mp4'],
  operators = ['- cascade: { plan: door.plan.json }'],
  sinks = ['- jsonl: door.jsonl'],
}: Partial<Record<'sources' | 'operators' | 'sinks', readonly string[]>>): string {
  const lines = (of: readonly string[]): string => of.map(line => `      ${line}\n`).join('');
  return `pipelines:\n  - name: door\n    sources:\n${lines(sources)}    operators:\n${lines(operators)}    sinks:\n${lines(sinks)}`;
}

const everything = `
$schema: ./pipelines.schema.json
pipelines:
  - name: events
    sources:
      - file: day/door.mp4
      - { images: "yard/*.jpg", stream: yard, frameRateFps: 5 }
      - { camera: "rtsp://10.0.0.7/a", transport: udp, credentials: { env: GATE_LOGIN } }
    operators:
      - skip: { every: 5 }
      - differenceDetector: { deltaDiff: 2, tDiffFrames: 5 }
      - specializedModel: { model: small, cLow: 0.1, cHigh: 0.9 }
      - referenceModel: { model: big, predicate: { any: [{ label: person }, { label: cat, minScore: 0.4 }] }, smoothingMs: 600 }
      - track:
      - zone: [[0, 0], [1, 0], [1, 1]]
      - events: { minDuration: 1s, mergeGap: 500 }
    sinks:
      - jsonl: events.jsonl
      - console: json
      - { webhook: "https://example.org/hook", secret: { env: HOOK }, timeoutMs: 500 }
      - { mqtt: "mqtt://localhost", topic: "door/{stream}", password: { file: /run/secrets/mqtt } }
  - name: minutes
    sources: [{ file: door.mp4, workers: 2 }]
    operators:
      - cascade: { label: person, reference: big, skip: keyframes }
      - aggregate: { over: { every: 1m }, count: label, mean: score, any: label }
    sinks: [{ jsonl: "-" }]
  - name: topics
    sources:
      - kafka: frames
        brokers: kafka-1:9092,kafka-2:9092
        group: person
        from: { time: "2026-06-01T12:00:00+02:00" }
        sasl: { username: saccade, mechanism: SCRAM-SHA-512, password: { env: KAFKA_PASSWORD } }
        tls: { caFile: ca.pem }
        stopAtEnd: true
    operators: [{ cascade: { label: person, reference: big } }]
    sinks: [{ kafka: answers, brokers: [kafka-1:9092, kafka-2:9092], maxQueued: 5 }]
  - name: paced
    sources:
      - { file: door.mp4, pace: realtime, live: { mode: freshest } }
      - { camera: "http://10.0.0.8/", live: { stalenessMs: 200 } }
    operators: [{ cascade: { label: person, reference: big } }]
    sinks: [{ console: text }]
`;

describe('a document', () => {
  it('makes the pipelines that its functions would make', async () => {
    const { pipelines } = await load(everything);
    const [first, second, topics, paced] = pipelines;
    expect(pipelines.map(({ name }) => name)).toEqual(['events', 'minutes', 'topics', 'paced']);
    const brokers = ['kafka-1:9092', 'kafka-2:9092'];
    const options = { topic: 'frames', group: 'person', from: new Date('2026-06-01T10:00:00Z'), stopAtEnd: true };
    const sasl = {
      username: 'saccade',
      mechanism: 'SCRAM-SHA-512',
      password: { env: 'KAFKA_PASSWORD' },
    } as const;
    const { description } = kafka({ ...options, brokers, sasl, tls: { caFile: 'ca.pem' } });
    expect(topics?.sources.map(source => source.description)).toEqual([description]);
    expect(topics?.sinks.map(sink => sink.description)).toEqual([
      toKafka({ brokers, topic: 'answers', maxQueued: 5 }).description,
    ]);
    expect(paced?.sources.map(source => source.description)).toMatchObject([
      { kind: 'file', live: { mode: 'freshest' } },
      { kind: 'camera', live: { stalenessMs: 200 } },
    ]);
    expect(first?.sources.map(({ description }) => description)).toEqual([
      { kind: 'file', stream: 'door', path: 'day/door.mp4', decoder: 'node-av', workers: 1, live: null },
      { kind: 'images', stream: 'yard', path: 'yard/*.jpg', decoder: 'node-av', frameRateFps: 5 },
      {
        kind: 'camera',
        stream: '10.0.0.7',
        live: {},
        camera: { url: 'rtsp://10.0.0.7/a', transport: 'udp', credentials: { env: 'GATE_LOGIN' } },
      },
    ]);
    const told = first?.operators.map(descriptionOf);
    expect(told?.map(description => description?.kind)).toEqual([
      'skip',
      'differenceDetector',
      'specializedModel',
      'referenceModel',
      'track',
      'zone',
      'events',
    ]);
    expect(told?.at(-1)?.options).toMatchObject({ minDuration: '1s', mergeGap: 500, cooldown: '5s' });
    expect(told?.[3]?.options).toMatchObject({ predicate: { any: [{ label: 'person' }, { label: 'cat' }] } });
    expect(first?.sinks.map(({ description }) => description.kind)).toEqual([
      'toJsonl',
      'toConsole',
      'toWebhook',
      'toMqtt',
    ]);
    expect(second?.operators.map(descriptionOf).at(-1)?.options).toMatchObject({
      over: { kind: 'time', every: 60e6 },
      count: 'label',
      mean: 'score',
      any: 'label',
    });
  });

  it('may be JSON', async () => {
    const json = JSON.stringify({
      pipelines: [
        {
          name: 'door',
          sources: [{ file: 'door.mp4' }],
          operators: [{ cascade: { plan: 'p.json' } }],
          sinks: [{ console: 'text' }],
        },
      ],
    });
    const { pipelines } = await load(json.replaceAll(',"', ',\n\t"'), {}, 'door.json');
    expect(pipelines.map(({ name }) => name)).toEqual(['door']);
    expect(await fault(json.replace('"text"', '"loud"').replaceAll(',"', ',\n"'), {}, 'door.json')).toMatch(
      /^STREAMS_FILE_INVALID The pipeline file door\.json is wrong at line 4, column 11 \(pipelines\.0\.sinks\.0\.console\)/,
    );
  });

  it('counts by fields of rows', async () => {
    const aggregated =
      '- aggregate: { over: { frames: 4 }, count: label, sum: data.score, max: data.score, any: label }';
    const { pipelines } = await load(one({ operators: ['- cascade: { plan: p.json }', aggregated] }));
    const { from, lastValueFrom } = await import('rxjs');
    const items = [true, false, true, false].map((label, i) => ({
      stream: 'door',
      timestampUs: i,
      label,
      data: i === 3 ? null : { score: i },
    }));
    const operator = pipelines[0]?.operators.at(-1);
    if (operator === undefined) throw new Error('no operator');
    const window: unknown = await lastValueFrom(operator(from(items) as never));
    expect(window).toMatchObject({ items: 4, count: 2, sum: 3, max: 2, any: true });
  });

  // Documents, and what the message must say.
  it.each<[string, string]>([
    ['pipelines: [', 'line 1, column 13: '],
    ['a: 1\na: 2', 'line 2, column 1: Map keys must be unique'],
    ['pipelines: !secret x', 'line 1, column 12: Unresolved tag: !secret'],
    ['', 'line 1, column 1: expected object, got nothing'],
    ['pipelines: []', 'line 1, column 1 (pipelines): expected at least one pipeline'],
    ['pipeline: []', 'line 1, column 1 (pipeline): expected a key that is known here, got pipeline'],
    [one({ sources: ['- file: 3'] }), 'line 4, column 9 (pipelines.0.sources.0.file): expected string, got 3'],
    [
      one({ sources: ['- webcam: x'] }),
      'line 4, column 9 (pipelines.0.sources.0): expected an object with one of the keys file, images, camera, kafka, got {"webcam":"x"}',
    ],
    [
      one({ sources: ['- { kafka: frames, brokers: "a:1", group: g, from: yesterday }'] }),
      'line 4, column 52 (pipelines.0.sources.0.from): expected "earliest", "latest" or { time: "2026-06-01T12:00:00Z" }, got "yesterday"',
    ],
    [
      one({ sources: ['- { kafka: frames, brokers: "http://a:1", group: g }'] }),
      'line 4, column 9 (pipelines.0.sources.0): kafka cannot',
    ],
    [
      one({ sinks: ['- { kafka: answers, brokers: "a:1", sasl: { username: u, password: s3cret } }'] }),
      'line 8, column 64 (pipelines.0.sinks.0.sasl.password): expected an object with one of the keys env, file, got a value that is not shown',
    ],
    [
      one({ sources: ['- file: a.mp4', '  images: b'] }),
      'line 5, column 9 (pipelines.0.sources.0.images): expected a key that is known here, got images',
    ],
    [
      one({ operators: ['- skip: { every: 0 }'] }),
      'line 6, column 17 (pipelines.0.operators.0.skip.every): expected a whole number, 1 or more, got 0',
    ],
    [one({ operators: ['- cascade: { label: x }'] }), 'expected an object with one of the keys plan, reference'],
    [
      one({ operators: ['- cascade: { reference: x, skip: often }'] }),
      'expected { every: n } or "keyframes", got "often"',
    ],
    [
      one({ operators: ['- referenceModel: { model: x, predicate: { label: cat, minScore: 2 } }'] }),
      '(pipelines.0.operators.0.referenceModel.predicate.minScore)',
    ],
    [
      one({ operators: ['- cascade: { plan: p.json }', '- events: { minDuration: soon }'] }),
      'line 7, column 19 (pipelines.0.operators.1.events.minDuration): expected a duration such as "1s" or "200ms", or a number of ms, got "soon"',
    ],
    [one({ sinks: ['- console: loud'] }), '(pipelines.0.sinks.0.console): expected one of "text"|"json", got "loud"'],
    // What only the functions know.
    [
      one({ operators: ['- cascade: { reference: x }'] }),
      'line 6, column 9 (pipelines.0.operators.0): referenceModel() cannot take label = nothing: expected exactly one of label and predicate. Correct',
    ],
    [
      one({ sinks: ['- webhook: ftp://x'] }),
      'toWebhook cannot send to ftp://x: expected a URL that begins with https://',
    ],
    [one({ sources: ['- file: a/x.mp4', '- file: b/x.mp4'] }), 'expected a name of its own for each stream'],
    // What the compiler says of programs.
    [
      one({ operators: ['- skip: { every: 2 }'] }),
      '(pipelines.0.operators): expected cascade or referenceModel among the operators',
    ],
    [
      one({ operators: ['- skip: { every: 2 }', '- events:'] }),
      '(pipelines.0.operators.1): expected an operator that takes frames, got events, which takes decisions',
    ],
    [
      one({ operators: ['- cascade: { plan: p.json }', '- events:', '- track:'] }),
      'expected an operator that takes events or windows, got track, which takes decisions',
    ],
    [
      one({
        sources: ['- file: a.mp4', '- file: b.mp4'],
        operators: ['- cascade: { plan: p.json }', '- aggregate: { over: { every: 1m }, count: true }'],
      }),
      'expected one source where windows are aggregated',
    ],
  ])('%j is refused, with its place', async (text, message) => {
    const told = await fault(text);
    expect(told).toMatch(/^STREAMS_FILE_INVALID The pipeline file door\.yaml is wrong at line \d+, column \d+/);
    expect(told).toContain(message);
  });

  it('lists several faults, five at most', async () => {
    const told = await fault(one({ sources: Array.from({ length: 7 }, () => '- file: 3') }));
    expect(told.match(/expected string/g)).toHaveLength(5);
    expect(told).toContain('and 2 more');
  });

  it('does not know two pipelines by one name', async () => {
    const text = one({});
    expect(await fault(text + text.replace('pipelines:\n', ''))).toContain('STREAMS_PIPELINE_EXISTS');
  });
});

describe('variables', () => {
  it('are put into texts', async () => {
    const { pipelines } = await load(
      one({
        sources: ['- file: "${FOLDER}/${NAME:-door}.mp4"', '- file: "$${FOLDER}.mp4"', '- file: ${EMPTY:-x}.mp4'],
      }),
      { FOLDER: '/day', EMPTY: '' },
    );
    const paths = pipelines[0]?.sources.map(({ description }) => ('path' in description ? description.path : ''));
    expect(paths).toEqual(['/day/door.mp4', '${FOLDER}.mp4', 'x.mp4']);
  });

  it('must be set or have a default', async () => {
    expect(await fault(one({ sources: ['- file: ${FOLDER}/door.mp4'] }))).toBe(
      'STREAMS_VARIABLE_MISSING The pipeline file door.yaml names the variable FOLDER at line 4, column 15, which is not set. Set it in the environment, or give it a default with :-default after its name.',
    );
    expect(await fault(one({ sources: ['- file: ${1}'] }))).toContain(
      'STREAMS_FILE_INVALID The pipeline file door.yaml is wrong at line 4, column 15: expected ${NAME} or ${NAME:-default}',
    );
  });

  it('cannot change what a document says', async () => {
    const { pipelines } = await load(one({ sources: ['- file: ${FILE}'] }), { FILE: 'x.mp4\n      - file: y.mp4' });
    expect(pipelines[0]?.sources).toHaveLength(1);
  });

  it.each([
    ['a schema', one({ sinks: ['- console: ${TOKEN}'] })],
    ['a schema, deep', one({ sinks: ['- { webhook: [1, "${TOKEN}"] }'] })],
    ['a function', one({ sinks: ['- webhook: gopher://${TOKEN}/x'] })],
    ['a function, within a URL', one({ sinks: ['- webhook: gopher://x/${TOKEN}'] })],
    ['the name', one({}).replace('name: door', 'name: "a b ${TOKEN}"')],
    ['a duration', one({ operators: ['- cascade: { plan: x }', '- events: { minDuration: "${TOKEN}" }'] })],
  ])('are not printed by the error of %s', async (_, text) => {
    for (const secret of ['hunter 2%', 'a"b', 'pw']) {
      const told = await fault(text, { TOKEN: secret });
      expect(told).toContain('STREAMS_FILE_INVALID');
      expect(told.replaceAll(/door\.yaml|[\w.]*\.0[\w.]*/g, '')).not.toMatch(/hunter|2%|a\\?"b|\bpw\b/);
    }
  });

  it('can be taken out of what is printed later', async () => {
    const { redact } = await load(one({ sinks: ['- webhook: https://example.org/${TOKEN}', '- jsonl: ${SHORT}'] }), {
      TOKEN: 'se/cret',
      SHORT: 'ab',
    });
    expect(redact('https://example.org/se/cret, se%2Fcret: ab, able')).toBe(
      'https://example.org/${TOKEN}, ${TOKEN}: ${SHORT}, able',
    );
  });
});
