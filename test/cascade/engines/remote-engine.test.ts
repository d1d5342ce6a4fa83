import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RemoteServer } from '../../../cascade/engines/remote-server.ts';
import { type AddedNetwork, addModel } from '../../../cascade/models/add-model.ts';
import { LoadedModel } from '../../../cascade/models/loaded-model.ts';
import type { Picture } from '../../../cascade/models/model-input.ts';
import type { StoredModel } from '../../../cascade/models/stored-model.ts';
import { WorkRunner } from '../../../cascade/models/work-runner.ts';
import { ModelServer } from '../../../cascade/serving/model-server.ts';
import { temporaryFolder } from '../models/model-folder.ts';
import { grayImage } from '../serving/small-models.ts';
import { type Behavior, BrightServer } from './bright-server.ts';

type Remote = Extract<AddedNetwork, { remote: object }>['remote'];

async function addRemote(remote: Partial<Remote> & { readonly url: string }): Promise<StoredModel> {
  const folder = join(await temporaryFolder(), 'models');
  return addModel({
    remote: { protocol: 'oip-v2', model: 'bright', ...remote },
    folder,
    name: 'far',
    head: 'binary',
    labels: ['bright'],
  });
}

function picture(brightness: number): Picture {
  return { width: 8, height: 6, bytes: new Uint8Array(144).fill(brightness), frameWidth: 64, frameHeight: 48 };
}

const levels = [0, 51, 102, 153, 204, 255];
const shares = levels.map(level => expect.closeTo(level / 255, 5));

test.each<[string, Partial<Remote>, boolean, string]>([
  ['OIP v2 with binary tensors', { protocol: 'oip-v2' }, true, '/v2/models/bright/infer'],
  ['OIP v2 with JSON', { protocol: 'oip-v2', version: '2' }, false, '/v2/models/bright/versions/2/infer'],
  ['TensorFlow Serving', { protocol: 'tfs-v1' }, false, '/v1/models/bright:predict'],
  ['a version there', { protocol: 'tfs-v1', version: '2' }, false, '/v1/models/bright/versions/2:predict'],
  ['a label there', { protocol: 'tfs-v1', version: 'stable' }, false, '/v1/models/bright/labels/stable:predict'],
])('a model of another server is served as any other: %s', async (_, remote, isBinary, path) => {
  const far = await BrightServer.start(isBinary);
  const stored = await addRemote({ ...remote, url: `${far.url}/` });
  expect(stored.declaration).toMatchObject({
    input: { name: 'image', shape: ['N', 3, 6, 8], dtype: 'float32', layout: 'NCHW' },
    engine: { kind: 'remote', timeoutMs: 5000 },
  });
  await using server = await ModelServer.open({ folder: join(stored.folder, '..', '..') });
  const model = server.model('far');
  const asked = await Promise.all(levels.map(level => model.ask({ kind: 'picture', picture: picture(level) })));
  expect(asked.map(({ answer }) => (answer.kind === 'confidence' ? answer.confidence : answer))).toEqual(shares);
  const { answer } = await model.ask({ kind: 'image', bytes: await grayImage(102) });
  expect(answer).toMatchObject({ kind: 'confidence', confidence: expect.closeTo(0.4, 2), frameWidth: 16 });
  const data = new Uint8Array(new Float32Array(288).fill(51).buffer);
  const inputs = [{ name: 'image', datatype: 'FP32', shape: [2, 3, 6, 8], data }] as const;
  const tensors = await model.ask({ kind: 'tensors', inputs });
  const [output] = tensors.answer.kind === 'tensors' ? tensors.answer.outputs : [];
  expect(output).toMatchObject({ name: 'confidence', datatype: 'FP32', shape: [2, 1] });
  expect([...new Float32Array(Uint8Array.from(output?.data ?? []).buffer)]).toEqual(
    [0.2, 0.2].map(n => expect.closeTo(n, 5)),
  );
  expect(new Set(far.runs.map(run => run.path))).toEqual(new Set([path]));
});

const faults: [Behavior, string, string][] = [
  ['says-500', 'CASCADE_REMOTE_UNREACHABLE', 'status 500, it is broken'],
  ['never-answers', 'CASCADE_REMOTE_UNREACHABLE', 'no answer within 100 ms'],
  ['resets', 'CASCADE_REMOTE_UNREACHABLE', ''],
  ['breaks-off', 'CASCADE_REMOTE_UNREACHABLE', ''],
  ['says-404', 'CASCADE_REMOTE_REFUSED', 'status 200, got 404: it is broken'],
  ['no-json', 'CASCADE_REMOTE_ANSWER_INVALID', "expected JSON, got '<html>'"],
  ['wrong-shape', 'CASCADE_REMOTE_ANSWER_INVALID', 'expected confidence FP32 [-1, 1], got FP32 [2]'],
  ['too-few-values', 'CASCADE_REMOTE_ANSWER_INVALID', 'in output confidence, got'],
  ['wrong-datatype', 'CASCADE_REMOTE_ANSWER_INVALID', 'got FP64 [2, 1]'],
  ['other-output', 'CASCADE_REMOTE_ANSWER_INVALID', 'expected output confidence, got other'],
];
const tfsFaults: typeof faults = [
  ...faults.filter(([behavior]) => !['too-few-values', 'wrong-datatype', 'other-output'].includes(behavior)),
  ['too-few-values', 'CASCADE_REMOTE_ANSWER_INVALID', 'expected 2 values in output confidence, got 1'],
];

test.each([
  ...faults.flatMap(fault => [['oip-v2', true, ...fault] as const, ['oip-v2', false, ...fault] as const]),
  ...tfsFaults.map(fault => ['tfs-v1', false, ...fault] as const),
])('%s (binary: %s) that %s: %s, and the next call is answered', async (protocol, isBinary, fault, code, message) => {
  const far = await BrightServer.start(isBinary);
  const timeoutMs = fault === 'never-answers' ? 100 : 20_000;
  await using model = await LoadedModel.load(await addRemote({ url: far.url, protocol, timeoutMs }));
  // Twice, since a second attempt is made of what may go away.
  far.behaviors = [
    fault,
    ...(code === 'CASCADE_REMOTE_UNREACHABLE' && fault !== 'never-answers' ? [fault] : []),
    'answers',
  ];
  const pair = [picture(51), picture(102)];
  await expect(model.confidences(pair)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(await model.confidences(pair)).toEqual([0.2, 0.4].map(n => expect.closeTo(n, 5)));
});

test('a second attempt is made once, within the budget; a server that goes on failing is left alone', async () => {
  const far = await BrightServer.start();
  await using model = await LoadedModel.load(await addRemote({ url: far.url }));
  const warmUps = far.runs.length;
  far.behaviors = ['resets', 'answers'];
  expect(await model.confidences([picture(51)])).toEqual([expect.closeTo(0.2, 5)]);
  expect(far.runs.length - warmUps).toBe(2);

  far.behaviors = ['says-500'];
  const codes: string[] = [];
  for (let call = 0; call < 50; call++) {
    await model.confidences([picture(51)]).catch((error: { code: string }) => codes.push(error.code));
  }
  expect(codes).toEqual([
    ...Array<string>(5).fill('CASCADE_REMOTE_UNREACHABLE'),
    ...Array<string>(45).fill('CASCADE_REMOTE_SUSPENDED'),
  ]);
  // Two calls before, three at loading and five now have earned less than one more attempt.
  expect(far.runs.length - warmUps).toBeLessThanOrEqual(2 + 5 + 1);
});

test('a batch that the server failed is not asked again picture by picture', async () => {
  const far = await BrightServer.start();
  await using model = await LoadedModel.load(await addRemote({ url: far.url }));
  const runner = new WorkRunner(model);
  const works = levels.map(level => ({ kind: 'picture', picture: picture(level) }) as const);
  const before = far.runs.length;
  far.behaviors = ['says-500'];
  const error = expect.objectContaining({ code: 'CASCADE_REMOTE_UNREACHABLE' });
  expect(await runner.answer(works)).toEqual(levels.map(() => ({ kind: 'failed', error })));
  expect(far.runs.length - before).toBe(2);
  far.behaviors = ['answers'];
  expect(await runner.answer(works)).toEqual(shares.map(confidence => expect.objectContaining({ confidence })));
});

test('a model worker outlives its server', async () => {
  const far = await BrightServer.start();
  const stored = await addRemote({ url: far.url });
  await using server = await ModelServer.open({ folder: join(stored.folder, '..', '..') });
  const model = server.model('far');
  // Another picture each time, since answers are remembered.
  const ask = (level: number): ReturnType<typeof model.ask> => model.ask({ kind: 'picture', picture: picture(level) });
  await ask(1);
  await far.close();
  await expect(ask(2)).rejects.toMatchObject({
    code: 'CASCADE_REMOTE_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await far.listen();
  expect(await ask(51)).toMatchObject({ answer: { kind: 'confidence', confidence: expect.closeTo(0.2, 5) } });
});

test('the token is sent, and never part of the declaration; the hash is that of what is declared', async () => {
  const far = await BrightServer.start();
  const folder = await temporaryFolder();
  const file = join(folder, 'token');
  await writeFile(file, 's3cret\n');
  const stored = await addRemote({ url: far.url, token: { file } });
  expect(JSON.stringify(stored.declaration)).not.toContain('s3cret');
  const declared = `{"protocol":"oip-v2","url":"${far.url}","model":"bright"}`;
  expect(stored.declaration.sha256).toBe(createHash('sha256').update(declared).digest('hex'));
  await using model = await LoadedModel.load(stored);
  await model.confidences([picture(1)]);
  expect(far.runs.at(-1)?.headers.authorization).toBe('Bearer s3cret');
  const code = 'CASCADE_REMOTE_TOKEN_MISSING';
  await expect(addRemote({ url: far.url, token: { env: 'SACCADE_TEST_NONE' } })).rejects.toMatchObject({ code });
  await expect(addRemote({ url: far.url, token: { file: join(folder, 'none') } })).rejects.toMatchObject({ code });
});

test('what cannot be added is told apart', async () => {
  const far = await BrightServer.start();
  await expect(addRemote({ url: far.url, model: 'none' })).rejects.toMatchObject({ code: 'CASCADE_REMOTE_REFUSED' });
  for (const url of ['ftp://127.0.0.1', 'http://user:word@127.0.0.1', '127.0.0.1:8000']) {
    await expect(addRemote({ url })).rejects.toMatchObject({ code: 'CASCADE_MODEL_DECLARATION_INVALID' });
  }
  await far.close();
  await expect(addRemote({ url: far.url })).rejects.toMatchObject({ code: 'CASCADE_REMOTE_UNREACHABLE' });
  const declaration = { kind: 'remote', protocol: 'oip-v2', url: far.url, model: 'm', timeoutMs: 100 } as const;
  const server = await RemoteServer.open(declaration);
  await expect(server.ask({ path: '/v2' })).rejects.toMatchObject({ code: 'CASCADE_REMOTE_UNREACHABLE' });
  server.close();
});
