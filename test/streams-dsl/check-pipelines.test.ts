import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toErrorRecord } from '../../ingest/index.ts';
import {
  cascade,
  checkPipelines,
  events,
  file,
  frames,
  images,
  mapFrames,
  type Pipeline,
  pipeline,
  request,
  toConsole,
  toJsonl,
  toMemory,
  toMqtt,
  toWebhook,
} from '../../streams-dsl/index.ts';
import { makeSmallScene, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
const at = (name: string): string => join(scene.folder, name);

beforeAll(async () => {
  scene = await makeSmallScene();
});

afterAll(() => scene[Symbol.asyncDispose]());

async function problemsOf(...pipelines: Pipeline[]): Promise<string[]> {
  const problems = await checkPipelines(pipelines, { models: scene.models });
  return problems.map(({ pipeline: name, place, error }) => `${name}: ${place}: ${toErrorRecord(error).code}`);
}

const asked = { label: 'person', reference: 'spots' };

it('finds nothing where nothing is wrong, and leaves no trace', async () => {
  const out = at('never.jsonl');
  const good = pipeline('good', file(scene.footage), cascade(asked), events(), toJsonl(out), toConsole(), toMemory());
  const answers = pipeline('answers', request(), cascade(asked));
  expect(await problemsOf(good, answers, pipeline('memory', frames([]), cascade(asked)))).toEqual([]);
  await expect(import('node:fs/promises').then(({ stat }) => stat(out))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('lists every problem of every pipeline, with its place', async () => {
  await writeFile(at('junk.mp4'), 'no video '.repeat(1000));
  await mkdir(at('nothing'), { recursive: true });
  await writeFile(at('bad.plan.json'), '{}');
  const scene404 = { deltaDiff: 1, emptyScene: at('none.png') };
  const small = { model: 'none', cLow: 0, cHigh: 1 };
  const bad = pipeline(
    'bad',
    [file(at('none.mp4')), file(at('junk.mp4')), images(at('nothing'))],
    cascade({ reference: 'spots', label: 'giraffe', differenceDetector: scene404, specializedModel: small }),
    toJsonl(at('no-folder/out.jsonl')),
    toJsonl(scene.folder),
    toWebhook('https://example.org', { secret: { env: 'SACCADE_TEST_NO_SUCH_SECRET' } }),
    toMqtt('mqtt://localhost', { password: { file: at('no-secret') } }),
    toMqtt('mqtt://localhost', { deadLetterPath: at('no-folder/letters.jsonl') }),
  );
  const worse = pipeline('worse', file(scene.footage), cascade({ plan: at('bad.plan.json') }));
  expect(await problemsOf(bad, worse)).toEqual([
    'bad: source 1, file(): INGEST_FILE_NOT_FOUND',
    'bad: source 2, file(): INGEST_NOT_A_VIDEO',
    'bad: source 3, images(): INGEST_NO_IMAGES',
    'bad: operator 1, cascade(): CASCADE_SCENE_INVALID',
    'bad: operator 1, cascade(): CASCADE_MODEL_NOT_FOUND',
    'bad: operator 1, cascade(): CASCADE_PLAN_LABEL_UNKNOWN',
    'bad: sink 1, toJsonl(): SINK_OUTPUT_UNWRITABLE',
    'bad: sink 2, toJsonl(): SINK_OUTPUT_UNWRITABLE',
    'bad: sink 3, toWebhook(): SINK_SECRET_MISSING',
    'bad: sink 4, toMqtt(): SINK_SECRET_MISSING',
    'bad: sink 5, toMqtt(): SINK_OUTPUT_UNWRITABLE',
    'worse: operator 1, cascade(): CASCADE_PLAN_INVALID',
  ]);
});

it('finds what only the whole pipeline shows', async () => {
  const unfit = pipeline('unfit', frames([]), cascade({ ...asked, skip: 'keyframes' }));
  const fits = pipeline(
    'fits',
    file(scene.footage),
    mapFrames(() => 1, { pixels: { width: 8, height: 8, format: 'gray' } }),
  );
  expect(await problemsOf(unfit, fits)).toEqual(['unfit: : STREAMS_KEYFRAMES_UNFIT']);
});
