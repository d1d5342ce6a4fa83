import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AddModelOptions, addModel } from '../../../cascade/models/add-model.ts';
import { parseModelDeclaration } from '../../../cascade/models/model-declaration.ts';
import { findModel, listModels } from '../../../cascade/models/model-repository.ts';
import { readStoredModel } from '../../../cascade/models/stored-model.ts';
import { verifyModel } from '../../../cascade/models/verify-model.ts';
import { storeModel, temporaryFolder } from './model-folder.ts';
import { tinyBinary, tinyYolox } from './tiny-onnx.ts';

const cells = (count: number): number[][] => Array.from({ length: count }, () => [0, 0, 0, 0, 0, 0]);
const coded = (code: string, ...texts: string[]): unknown =>
  expect.objectContaining({
    code,
    message: texts.length === 0 ? expect.any(String) : expect.stringMatching(texts.map(literally).join('.*')),
  });
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function binaryOptions(): Promise<AddModelOptions & { folder: string }> {
  const folder = await temporaryFolder();
  const onnxPath = join(folder, 'made.onnx');
  await writeFile(onnxPath, tinyBinary({ batch: 'N', width: 8, height: 6 }));
  return { onnxPath, folder: join(folder, 'models'), name: 'door', head: 'binary', labels: ['person'] };
}

test('a model is added with what its file and its head say', async () => {
  const bytes = tinyYolox({ batch: 1, width: 32, height: 32 }, cells(21));
  const stored = await storeModel(bytes, { head: 'yolox', labels: ['person'], licence: 'MIT' });
  expect(stored.declaration).toEqual({
    schema: 'saccade/model/1',
    name: 'tiny',
    version: 1,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    licence: 'MIT',
    input: {
      name: 'image',
      shape: [1, 3, 32, 32],
      dtype: 'float32',
      layout: 'NCHW',
      channelOrder: 'BGR',
      normalization: { mean: [], scale: [] },
      resize: { mode: 'letterbox', pad: 114 },
    },
    head: { kind: 'yolox', strides: [8, 16, 32] },
    labels: ['person'],
  });
  await verifyModel(stored);
  expect(await readdir(stored.folder)).toEqual(['model.json', 'model.onnx']);
  expect(await readFile(stored.networkPath)).toEqual(Buffer.from(bytes));
});

test.each([
  [
    { layout: 'NHWC', dtype: 'uint8' },
    { shape: ['N', 6, 8, 3], layout: 'NHWC', dtype: 'uint8', channelOrder: 'RGB' },
  ],
  [{ channels: 1 }, { shape: ['N', 1, 6, 8], layout: 'NCHW', channelOrder: 'GRAY' }],
  [
    { channels: 1, layout: 'NHWC' },
    { shape: ['N', 6, 8, 1], layout: 'NHWC', channelOrder: 'GRAY' },
  ],
] as const)('the layout is read from the file: %j', async (options, expected) => {
  const bytes = tinyBinary({ batch: 'N', width: 8, height: 6, ...options });
  const { declaration } = await storeModel(bytes, { head: 'binary', labels: ['person'] });
  expect(declaration.input).toMatchObject(expected);
});

test('versions count up, the same model is added once, and versions are never overwritten', async () => {
  const options = await binaryOptions();
  const first = await addModel(options);
  expect(await addModel(options)).toEqual(first);
  const second = await addModel({ ...options, licence: 'MIT' });
  expect(second.declaration.version).toBe(2);
  expect((await addModel({ ...options, version: 7 })).declaration.version).toBe(7);
  await expect(addModel({ ...options, version: 2 })).rejects.toEqual(
    coded('CASCADE_MODEL_VERSION_EXISTS', 'Version 2 of model door exists'),
  );
  expect(await readStoredModel(second.folder)).toEqual(second);
  expect((await readdir(join(options.folder, 'door'))).sort()).toEqual(['1', '2', '7']);
});

test('two that add at the same time both succeed or one is told', async () => {
  const options = await binaryOptions();
  const results = await Promise.allSettled([addModel(options), addModel({ ...options, licence: 'MIT' })]);
  const [stored] = await listModels(options.folder);
  expect(stored?.declaration.version).toBe(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toEqual(coded('CASCADE_MODEL_VERSION_EXISTS'));
  }
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
  await verifyModel(stored ?? expect.fail('no model'));
});

test('models are found by name, version and path', async () => {
  const options = await binaryOptions();
  const { folder } = options;
  expect(await listModels(folder)).toEqual([]);
  for (const version of [2, 10]) await addModel({ ...options, version });
  await addModel({ ...options, name: 'car' });
  await mkdir(join(folder, 'door', 'notes'));
  await mkdir(join(folder, 'door', '99'));
  await symlink(join(folder, 'door', '10'), join(folder, 'linked'));
  const names = (await listModels(folder)).map(({ declaration }) => `${declaration.name}@${declaration.version}`);
  expect(names).toEqual(['car@1', 'door@2', 'door@10']);
  const versionOf = async (reference: string): Promise<number> =>
    (await findModel(reference, folder)).declaration.version;
  expect(await versionOf('door')).toBe(10);
  expect(await versionOf('door@2')).toBe(2);
  expect(await versionOf(join(folder, 'door', '2'))).toBe(2);
  expect(await versionOf(join(folder, 'door', '2', 'model.json'))).toBe(2);
  expect(await versionOf(join(folder, 'linked'))).toBe(10);
  for (const reference of ['window', 'door@3', 'door@', '', './door/99', join(folder, 'door'), '../door/2']) {
    await expect(findModel(reference, folder)).rejects.toEqual(
      coded('CASCADE_MODEL_NOT_FOUND', `${reference} was not found`, 'which has car@1, door@2, door@10'),
    );
  }
  await expect(findModel('door', join(folder, 'none'))).rejects.toEqual(
    coded('CASCADE_MODEL_NOT_FOUND', 'which has no models'),
  );
});

test('what cannot be a model is refused', async () => {
  const options = await binaryOptions();
  const { folder } = options;
  const text = join(folder, '..', 'text.onnx');
  await writeFile(text, 'not a model');
  const cases: [Partial<AddModelOptions>, string, string][] = [
    [{ onnxPath: join(folder, 'none.onnx') }, 'CASCADE_MODEL_FILE_MISSING', 'ENOENT'],
    [{ onnxPath: text }, 'CASCADE_MODEL_NOT_ONNX', 'text.onnx could not be loaded'],
    [{ head: 'ssd' }, 'CASCADE_MODEL_HEAD_UNKNOWN', 'no head ssd'],
    [{ labels: undefined }, 'CASCADE_MODEL_DECLARATION_INVALID', 'labels'],
    [{ name: '../door' }, 'CASCADE_MODEL_DECLARATION_INVALID', 'name: expected letters'],
    [{ version: 0 }, 'CASCADE_MODEL_DECLARATION_INVALID', 'version: Too small'],
    [
      { head: 'yolox' },
      'CASCADE_MODEL_TENSORS_MISMATCH',
      'The output of .* expected one output float32 \\[N, 3, 6\\] for head yolox, got confidence float32 \\[N\\]',
    ],
    [
      { head: { kind: 'binary', output: 'label' } },
      'CASCADE_MODEL_TENSORS_MISMATCH',
      'expected label float32 \\[N\\] for head binary, got confidence',
    ],
    [
      { input: { shape: ['N', 3, 6, 9] } },
      'CASCADE_MODEL_TENSORS_MISMATCH',
      'The input of .* expected image float32 \\[N, 3, 6, 9\\], got image float32 \\[N, 3, 6, 8\\]',
    ],
    [{ input: { name: 'picture' } }, 'CASCADE_MODEL_TENSORS_MISMATCH', 'expected picture float32'],
    [{ input: { dtype: 'uint8' } }, 'CASCADE_MODEL_TENSORS_MISMATCH', 'expected image uint8'],
    [{ input: { channelOrder: 'GRAY' } }, 'CASCADE_MODEL_DECLARATION_INVALID', 'expected 1 channel\\(s\\) for GRAY'],
    [
      { input: { normalization: { mean: [1], scale: [] } } },
      'CASCADE_MODEL_DECLARATION_INVALID',
      'expected 3 value\\(s\\) in mean',
    ],
  ];
  for (const [changes, code, message] of cases) {
    await expect(addModel({ ...options, ...changes }), message).rejects.toEqual(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  }
  expect(await listModels(folder)).toEqual([]);
});

test('changed bytes and changed declarations are noticed', async () => {
  const stored = await storeModel(tinyBinary({ batch: 1, width: 8, height: 6 }), { head: 'binary', labels: ['a'] });
  const { declaration, folder, networkPath } = stored;
  const write = (value: unknown): Promise<void> => writeFile(join(folder, 'model.json'), JSON.stringify(value));
  const mismatch = { ...stored, declaration: { ...declaration, input: { ...declaration.input, name: 'x' } } };
  await expect(verifyModel(mismatch)).rejects.toEqual(coded('CASCADE_MODEL_TENSORS_MISMATCH'));

  await write({ ...declaration, name: 'other' });
  await expect(findModel('tiny', join(folder, '..', '..'))).rejects.toEqual(
    coded('CASCADE_MODEL_DECLARATION_INVALID', 'expected name tiny and version 1', 'got other, 1'),
  );
  await write({ ...declaration, sha256: 'abc' });
  await expect(readStoredModel(folder)).rejects.toEqual(
    coded('CASCADE_MODEL_DECLARATION_INVALID', 'sha256: expected 64 lower-case hex digits; got "abc"'),
  );
  await writeFile(join(folder, 'model.json'), '{ "schema": ');
  await expect(readStoredModel(folder)).rejects.toEqual(
    coded('CASCADE_MODEL_DECLARATION_INVALID', 'model.json', 'expected a JSON file'),
  );

  await writeFile(networkPath, tinyBinary({ batch: 1, width: 8, height: 7 }));
  await expect(verifyModel(stored)).rejects.toEqual(
    coded('CASCADE_MODEL_HASH_MISMATCH', `expected sha256 ${declaration.sha256}, got `),
  );
});

test.each([
  [{}, 'schema'],
  [{ head: { kind: 'ssd' } }, 'head.kind: expected one of yolox, pvb, binary; got "ssd"'],
  [{ head: { kind: 'yolox', strides: [0] } }, 'head.strides.0: Too small'],
  [{ head: { kind: 'pvb', strides: [8] } }, 'Unrecognized key: "strides"'],
  [{ input: { shape: ['M', 3, 6, 8] } }, 'input.shape.0'],
  [{ labels: ['a', 'a'] }, 'labels: expected each label once'],
  [{ input: { dtype: 'uint8', normalization: { mean: [1, 2, 3] } } }, 'expected no mean for dtype uint8'],
])('a declaration with %j is refused', (changes, issue) => {
  const valid = {
    schema: 'saccade/model/1',
    name: 'tiny',
    version: 1,
    sha256: '0'.repeat(64),
    licence: 'MIT',
    head: { kind: 'yolox' },
    labels: ['a'],
  };
  const input = {
    name: 'image',
    shape: [1, 3, 6, 8],
    dtype: 'float32',
    layout: 'NCHW',
    channelOrder: 'BGR',
    resize: { mode: 'letterbox' },
  };
  expect(parseModelDeclaration({ ...valid, input }, 'x')).toMatchObject({
    head: { strides: [8, 16, 32] },
    input: { resize: { pad: 114 }, normalization: { mean: [], scale: [] } },
  });
  const wrong =
    Object.keys(changes).length === 0
      ? {}
      : { ...valid, ...changes, input: { ...input, ...('input' in changes ? changes.input : {}) } };
  expect(() => parseModelDeclaration(wrong, 'folder/model.json')).toThrow(
    expect.objectContaining({
      code: 'CASCADE_MODEL_DECLARATION_INVALID',
      message: expect.stringContaining(issue),
    }),
  );
});
