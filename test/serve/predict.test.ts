import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decision, findModel, parsePlan } from '../../cascade/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import { type RunningServer, startServer } from '../../serve/index.ts';
import { cascade, type Deployment, deploy, map, pipeline, request } from '../../streams-dsl/index.ts';
import { makeSmallScene, middleBrightness, type SmallScene } from '../streams-dsl/small-scene.ts';
import { call, post } from './call-server.ts';

let scene: SmallScene;
let deployment: Deployment;
let server: RunningServer;
const failures: unknown[] = [];

const gray = (level: number, format: 'png' | 'jpeg' = 'png'): Promise<Uint8Array> =>
  encodeImage({ width: 64, height: 36, bytes: new Uint8Array(64 * 36 * 3).fill(level) }, { format });

/** Of the size of the model, which would add darker edges. */
const white = (): Promise<Uint8Array> =>
  encodeImage({ width: 32, height: 32, bytes: new Uint8Array(32 * 32 * 3).fill(255) }, { format: 'png' });

beforeAll(async () => {
  scene = await makeSmallScene();
  const stages = {
    predicate: { label: 'person', minScore: 0.41 },
    reference: 'spots',
    specializedModel: { model: 'bright', cLow: middleBrightness - 0.02, cHigh: middleBrightness + 0.02 },
    smoothingMs: 0,
  };
  const spots = await findModel('spots', scene.models);
  const plan = parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'planned',
      predicate: { label: 'person', minScore: 0.41 },
      smoothingMs: 0,
      skip: { kind: 'every', tSkip: 1 },
      referenceModel: { model: 'spots', sha256: spots.declaration.sha256 },
    },
    'of the test',
  );
  deployment = deploy(
    [
      pipeline('door', request({ stream: 'door' }), cascade(stages)),
      pipeline('planned', request(), cascade({ plan })),
      pipeline(
        'sizes',
        request(),
        cascade(stages),
        map(({ timestampUs }: Decision) => ({ at: timestampUs })),
      ),
    ],
    { models: scene.models },
  );
  server = await startServer({ deployment, port: 0, maxBodyBytes: 100_000, onFailure: error => failures.push(error) });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

describe('a picture that is asked about', () => {
  it('gets the rows of the pipeline, however it is sent', async () => {
    const deciders = new Set<unknown>();
    for (const level of [10, 97, 120, 250]) {
      const image = await gray(level);
      const rows = await deployment.execute('door', image);
      const form = new FormData();
      form.append('note', 'one that is not a file');
      form.append('image', new Blob([Buffer.from(image)]), 'a.png');
      const b64 = Buffer.from(image).toString('base64');
      for (const init of [
        post(image, 'image/png'),
        post(image, 'application/octet-stream'),
        post(JSON.stringify({ image: { b64 } }), 'application/json'),
        { method: 'POST', body: form },
      ]) {
        const { status, body } = await call(server, '/v1/queries/door:predict', init);
        expect([status, body['rows'], body['query']]).toEqual([200, rows, 'door']);
        const { label, decidedBy } = rows[0] as Decision;
        expect(body['answer']).toMatchObject({ label, decidedBy, defaulted: false });
        deciders.add(decidedBy);
      }
    }
    expect([...deciders].sort()).toEqual(['accepted', 'referenced', 'rejected']);
  });

  it('is told what was seen, who decided and why, and by which models', async () => {
    const { body, headers } = await call(
      server,
      '/v1/queries/door:predict',
      post(await gray(97, 'jpeg'), 'image/jpeg'),
    );
    const [{ score, detections, confidence }] = body['rows'] as [Extract<Decision, { decidedBy: 'referenced' }>];
    const [{ label, box }] = detections as [(typeof detections)[number]];
    expect(body['answer']).toEqual({
      label: score >= 0.41,
      score,
      boxes: [{ label, score, ...box }],
      decidedBy: 'referenced',
      why: expect.stringContaining(
        `unsure (${Number((confidence ?? 0).toPrecision(3))}), the reference model was asked`,
      ),
      defaulted: false,
    });
    const model = async (name: string, stage: string): Promise<object> => {
      const { version, sha256 } = (await findModel(name, scene.models)).declaration;
      return { stage, model: name, version, sha256 };
    };
    const models = [await model('bright', 'specialized'), await model('spots', 'reference')];
    expect(body).toMatchObject({ plan: null, models, requestId: headers.get('x-request-id') });
    const { receiveMs, queryMs, totalMs } = body['timing'] as Record<string, number>;
    expect((receiveMs ?? 0) + (queryMs ?? 0)).toBeCloseTo(totalMs ?? 0, 2);
    const { body: sure } = await call(server, '/v1/queries/door:predict', post(await gray(250), 'image/png'));
    expect(sure['answer']).toMatchObject({
      decidedBy: 'accepted',
      boxes: [],
      why: expect.stringMatching(/sure.*0\.98/),
    });
  });

  it('is told the plan, and takes the time that the client gives', async () => {
    const image = await gray(120);
    const { body } = await call(server, '/v1/queries/planned:predict', post(image, 'image/png'));
    expect(body['plan']).toEqual({ name: 'planned', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const sized = await call(server, '/v1/queries/sizes:predict?timestampUs=40000', post(image, 'image/png'));
    expect(sized.body).toMatchObject({ rows: [{ at: 40_000 }], answer: null });
  });

  it('can be asked what there is', async () => {
    const { body } = await call(server, '/v1/queries');
    const names = (body['queries'] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['door', 'planned', 'sizes']);
  });
});

describe('a wrong request', () => {
  const path = '/v1/queries/door:predict';
  /** The header of a PNG of 50,000 × 50,000 px. */
  const huge = async (): Promise<Uint8Array> => {
    const image = Buffer.from(await gray(1));
    image.writeUInt32BE(50_000, 16);
    image.writeUInt32BE(50_000, 20);
    return image;
  };
  const json = (value: unknown): RequestInit => post(JSON.stringify(value), 'application/json');
  const cases: [string, number, string, RegExp, () => RequestInit | Promise<RequestInit>, string?][] = [
    ['no image', 400, 'IMAGE_INVALID', /JPEG or PNG/, () => post('hello', 'image/jpeg')],
    ['no bytes', 400, 'SERVE_REQUEST_INVALID', /body: .*got 0 bytes/, () => post('', 'image/jpeg')],
    [
      'a cut JPEG',
      400,
      'IMAGE_INVALID',
      /JPEG or PNG/,
      async () => post((await gray(9, 'jpeg')).subarray(0, 200), 'image/jpeg'),
    ],
    ['a cut PNG', 400, 'IMAGE_INVALID', /JPEG or PNG/, async () => post((await gray(9)).subarray(0, 60), 'image/png')],
    ['too many pixels', 400, 'IMAGE_INVALID', /JPEG or PNG/, async () => post(await huge(), 'image/png')],
    ['a large body', 413, 'SERVE_BODY_TOO_LARGE', /100000 bytes/, () => post(new Uint8Array(100_001), 'image/png')],
    ['another type', 415, 'SERVE_MEDIA_TYPE_UNKNOWN', /text\/plain.*image\/jpeg/, () => post('a', 'text/plain')],
    ['no JSON', 400, 'SERVE_REQUEST_INVALID', /body/, () => post('{', 'application/json')],
    ['a list', 400, 'SERVE_REQUEST_INVALID', /body: expected an object.*got a list/, () => json([])],
    ['no image field', 400, 'SERVE_REQUEST_INVALID', /field "image", got only img/, () => json({ img: 1 })],
    [
      'no b64 field',
      400,
      'SERVE_REQUEST_INVALID',
      /image: expected the field "b64", got no field/,
      () => json({ image: {} }),
    ],
    [
      'a number',
      400,
      'SERVE_REQUEST_INVALID',
      /image.b64: expected text.*got a number/,
      () => json({ image: { b64: 7 } }),
    ],
    ['no base64', 400, 'SERVE_REQUEST_INVALID', /image.b64: .*at place 1/, () => json({ image: { b64: 'a*aa' } })],
    [
      'cut base64',
      400,
      'SERVE_REQUEST_INVALID',
      /image.b64: .*got 3 characters/,
      () => json({ image: { b64: 'aaa' } }),
    ],
    [
      'a poisoned object',
      400,
      'SERVE_REQUEST_INVALID',
      /body/,
      () => post('{"__proto__":{"b64":1}}', 'application/json'),
    ],
    [
      'a form without a file',
      400,
      'SERVE_REQUEST_INVALID',
      /form.*a file/,
      () => {
        const form = new FormData();
        form.append('image', 'text');
        return { method: 'POST', body: form };
      },
    ],
    [
      'a broken form',
      400,
      'SERVE_REQUEST_INVALID',
      /./,
      () => post('--x\r\nnothing', 'multipart/form-data; boundary=x'),
    ],
    ['a form without a boundary', 400, 'SERVE_REQUEST_INVALID', /./, () => post('x', 'multipart/form-data')],
    [
      'a large file',
      413,
      'SERVE_BODY_TOO_LARGE',
      /100000/,
      () => {
        const form = new FormData();
        form.append('image', new Blob([new Uint8Array(100_001)]), 'a.png');
        return { method: 'POST', body: form };
      },
    ],
    [
      'an unknown query',
      404,
      'SERVE_QUERY_UNKNOWN',
      /dor: expected one of door, planned/,
      async () => post(await gray(9), 'image/png'),
      '/v1/queries/dor:predict',
    ],
    [
      'no time',
      400,
      'SERVE_REQUEST_INVALID',
      /timestampUs: expected a whole number.*"x"/,
      async () => post(await gray(9), 'image/png'),
      `${path}?timestampUs=x`,
    ],
    [
      'two times',
      400,
      'SERVE_REQUEST_INVALID',
      /timestampUs: .*got several/,
      async () => post(await gray(9), 'image/png'),
      `${path}?timestampUs=1&timestampUs=2`,
    ],
    ['an unknown path', 404, 'SERVE_ROUTE_UNKNOWN', /\/v3/, () => ({}), '/v3'],
    [
      'a wrong verb',
      404,
      'SERVE_ROUTE_UNKNOWN',
      /door:predicts/,
      () => post('', 'image/png'),
      '/v1/queries/door:predicts',
    ],
    ['a bad escape', 400, 'SERVE_REQUEST_INVALID', /./, () => post('a', 'image/png'), '/v1/queries/%zz:predict'],
    ['a wrong method', 405, 'SERVE_METHOD_UNKNOWN', /GET.*expected POST/, () => ({})],
    [
      'a picture that the model fails on',
      422,
      'CASCADE_MODEL_RUN_FAILED',
      /Model spots/,
      async () => post(await white(), 'image/png'),
      '/v1/queries/planned:predict',
    ],
  ];
  it.each(cases)('%s: %i %s', async (_name, status, code, message, init, at = path) => {
    const answer = await call(server, at, await init());
    expect([answer.status, answer.body['code'], answer.body['error']]).toEqual([
      status,
      expect.stringContaining(code),
      expect.stringMatching(message),
    ]);
    if (status === 405) expect(answer.headers.get('allow')).toBe('POST');
    // It goes on.
    const next = await call(server, path, post(await gray(10), 'image/png'));
    expect(next.status).toBe(200);
  });

  it('never fails the server', () => expect(failures).toEqual([]));
});
