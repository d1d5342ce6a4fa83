import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { loadTfjs } from '../../../cascade/engines/tfjs-library.ts';
import { type AddedNetwork, type AddModelOptions, addModel } from '../../../cascade/models/add-model.ts';
import { LoadedModel } from '../../../cascade/models/loaded-model.ts';
import type { Picture } from '../../../cascade/models/model-input.ts';
import { verifyModel } from '../../../cascade/models/verify-model.ts';
import { ModelServer } from '../../../cascade/serving/model-server.ts';
import { temporaryFolder } from '../models/model-folder.ts';
import { randomBytes, seeded } from '../random.ts';
import { SameNetwork, side } from './same-network.ts';

const random = seeded(7);
const pictures = Array.from({ length: 40 }, (): Picture => {
  const bytes = randomBytes(side * side * 3, random);
  return { width: side, height: side, bytes, frameWidth: side, frameHeight: side };
});

function options(folder: string, network: AddedNetwork, name: string): AddModelOptions {
  return { ...network, folder: join(folder, 'models'), name, head: 'binary', labels: ['person'] };
}

/** The network in the three forms, in one repository. */
async function addForms(folder: string): Promise<void> {
  const network = new SameNetwork(3);
  const onnxPath = join(folder, 'same.onnx');
  await writeFile(onnxPath, network.onnx());
  await addModel(options(folder, { onnxPath }, 'onnx'));
  await addModel(options(folder, { tfjsPath: await network.writeGraph(join(folder, 'g')) }, 'graph'));
  await addModel(options(folder, { tfjsPath: await network.writeLayers(join(folder, 'l')) }, 'layers'));
}

test('the same network gives the same in ONNX, as a graph and as layers, and all three are served', async () => {
  const folder = await temporaryFolder();
  await addForms(folder);
  await using server = await ModelServer.open({ folder: join(folder, 'models') });
  const confidences = async (name: string): Promise<number[]> =>
    Promise.all(
      pictures.map(async picture => {
        const { answer } = await server.model(name).ask({ kind: 'picture', picture });
        return answer.kind === 'confidence' ? answer.confidence : expect.fail(answer.kind);
      }),
    );
  const expected = await confidences('onnx');
  expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
  for (const name of ['graph', 'layers']) {
    const found = await confidences(name);
    const differences = found.map((confidence, i) => Math.abs(confidence - (expected[i] ?? Number.NaN)));
    expect(Math.max(...differences), name).toBeLessThanOrEqual(1e-5);
  }
  // Raw tensors go the same way.
  const shape = [2, side, side, 3];
  const data = new Uint8Array(Float32Array.from({ length: 2 * side * side * 3 }, () => random() * 255).buffer);
  const outputs = await Promise.all(
    ['onnx', 'graph', 'layers'].map(async name => {
      const model = server.model(name);
      const [input] = model.inputs;
      expect(input).toMatchObject({ datatype: 'FP32', shape: [-1, side, side, 3] });
      if (name === 'layers') expect(model.outputs.map(output => output.name)).toEqual(['confidence']);
      const inputs = [{ name: input?.name ?? '', datatype: 'FP32', shape, data }] as const;
      const { answer } = await model.ask({ kind: 'tensors', inputs });
      const [output] = answer.kind === 'tensors' ? answer.outputs : [];
      expect(output).toMatchObject({ datatype: 'FP32', shape: [2, 1] });
      return Array.from(new Float32Array(Uint8Array.from(output?.data ?? []).buffer));
    }),
  );
  for (const one of outputs) expect(one).toEqual(outputs[0]?.map(value => expect.closeTo(value, 5)));
});

test('the hash covers model.json and all weights, and is what sha256sum gives', async () => {
  const folder = await temporaryFolder();
  const tfjsPath = await new SameNetwork(3).writeGraph(join(folder, 'g'));
  const stored = await addModel(options(folder, { tfjsPath }, 'graph'));
  const sums = execFileSync('sha256sum', ['model.json', 'weights-1.bin', 'weights-2.bin'], {
    cwd: join(stored.folder, 'tfjs'),
  });
  const [sum] = execFileSync('sha256sum', { input: sums, encoding: 'utf8' }).split(' ');
  expect(stored.declaration).toMatchObject({ sha256: sum, engine: { kind: 'tfjs', format: 'graph' } });
  await verifyModel(stored);
  expect(await addModel(options(folder, { tfjsPath }, 'graph'))).toEqual(stored);

  const weights = join(stored.folder, 'tfjs', 'weights-2.bin');
  const bytes = await readFile(weights);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(weights, bytes);
  await expect(verifyModel(stored)).rejects.toMatchObject({ code: 'CASCADE_MODEL_HASH_MISMATCH' });
  await rm(weights);
  await expect(verifyModel(stored)).rejects.toMatchObject({ code: 'CASCADE_MODEL_FILE_MISSING' });
});

test.each<[string, string, string]>([
  ['no JSON', 'weights', 'it is no JSON'],
  ['another JSON', '{"modelTopology":{}}', 'weightsManifest'],
  [
    'weights from elsewhere',
    '{"modelTopology":{},"weightsManifest":[{"paths":["../x"],"weights":[]}]}',
    'below model.json',
  ],
  [
    'an absolute path',
    '{"modelTopology":{},"weightsManifest":[{"paths":["/etc/passwd"],"weights":[]}]}',
    'below model.json',
  ],
  [
    'a topology of nothing',
    '{"modelTopology":{"node":[{"op":"Nonsense"}]},"weightsManifest":[]}',
    'could not be loaded',
  ],
])('%s is refused', async (_, text, message) => {
  const folder = await temporaryFolder();
  const tfjsPath = join(folder, 'model.json');
  await writeFile(tfjsPath, text);
  await expect(addModel(options(folder, { tfjsPath }, 'bad'))).rejects.toMatchObject({
    code: 'CASCADE_MODEL_NOT_TFJS',
    message: expect.stringContaining(message),
  });
});

test('a model keeps answering picture by picture, with a batch of its own size', async () => {
  const folder = await temporaryFolder();
  await addForms(folder);
  const stored = await addModel(options(folder, { tfjsPath: join(folder, 'l', 'model.json') }, 'layers'));
  await using model = await LoadedModel.load(stored, { maxBatchSize: 3 });
  const together = await model.confidences(pictures.slice(0, 7));
  const alone: number[] = [];
  for (const picture of pictures.slice(0, 7)) alone.push(...(await model.confidences([picture])));
  expect(together).toEqual(alone.map(value => expect.closeTo(value, 6)));
});

test('TensorFlow.js is the one of the project, the fastest that works; without one it is clear what to install', async () => {
  const folder = await temporaryFolder();
  const places = [pathToFileURL(join(folder, 'package.json'))];
  const install = async (name: string, code: string): Promise<void> => {
    const target = join(folder, 'node_modules', '@tensorflow', name);
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'index.js'), code);
  };
  await expect(loadTfjs('web/model.json', places)).rejects.toMatchObject({
    code: 'CASCADE_TFJS_MISSING',
    message: expect.stringMatching(/web\/model\.json.*tfjs-node-gpu.*got none of them.*npm install/),
  });
  await install('tfjs-node', 'throw new Error("built for another Node\\nstack")');
  await expect(loadTfjs('web/model.json', places)).rejects.toMatchObject({
    message: expect.stringContaining('@tensorflow/tfjs-node, which failed with: built for another Node'),
  });
  await install(
    'tfjs-node-gpu',
    'exports.enableProdMode = () => {}; exports.ready = async () => {}; exports.mark = 1;',
  );
  expect(await loadTfjs('web/model.json', places)).toMatchObject({ mark: 1 });
});
