import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { addModel } from '../../../cascade/models/add-model.ts';
import { ModelServer } from '../../../cascade/serving/model-server.ts';
import { packageRoot } from '../../package-root.ts';
import { temporaryFolder } from '../models/model-folder.ts';
import { grayImage } from '../serving/small-models.ts';

const python = process.env['SACCADE_TRITON_PYTHON'];
const isThere = python !== undefined && existsSync(python);
if (!isThere) {
  console.log(
    'skipped: a real Triton; run test/serve/python/install.sh and set SACCADE_TRITON_PYTHON=.saccade/python/triton/bin/python',
  );
}

/** Starts a Triton with the model `bright` that keeps its files in a folder; it ends with the test. @returns its URL, once it is ready. */
async function startTriton(folder: string): Promise<string> {
  // Below the range from which systems give ports.
  const port = 20_000 + (process.pid % 10_000);
  const script = join(packageRoot, 'test', 'serve', 'python', 'triton_bright.py');
  const child = spawn(python ?? '', [script, String(port), folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(timer);
  });
  const url = `http://127.0.0.1:${port}`;
  for (const begun = Date.now(); Date.now() - begun < 90_000; await pause(200)) {
    if (child.exitCode !== null) break;
    const ready = await fetch(`${url}/v2/models/bright/ready`).catch(() => null);
    if (ready?.ok) return url;
  }
  throw new Error(`Triton did not become ready: ${errors.slice(-2000)}`);
}

test.runIf(isThere)('a real Triton answers for a model of ours', { timeout: 180_000 }, async () => {
  const temporary = await temporaryFolder();
  const url = await startTriton(temporary);
  const folder = join(temporary, 'models');
  await addModel({
    remote: { protocol: 'oip-v2', url, model: 'bright' },
    folder,
    name: 'far',
    head: 'binary',
    labels: ['bright'],
  });
  await using server = await ModelServer.open({ folder });
  const model = server.model('far');
  expect(model.inputs).toEqual([{ name: 'image', datatype: 'FP32', shape: [-1, 3, 6, 8] }]);
  const levels = [10, 60, 110, 160, 210];
  const confidences = await Promise.all(
    levels.map(async level => {
      const { answer } = await model.ask({ kind: 'image', bytes: await grayImage(level) });
      return answer.kind === 'confidence' ? answer.confidence : answer;
    }),
  );
  expect(confidences).toEqual(levels.map(level => expect.closeTo(level / 255, 2)));
});
