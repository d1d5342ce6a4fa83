import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Box, Detection } from '../../../cascade/detection.ts';
import { addModel } from '../../../cascade/models/add-model.ts';
import { LoadedModel } from '../../../cascade/models/loaded-model.ts';
import { pictureRequest } from '../../../cascade/models/model-input.ts';
import { openFootage } from '../../../ingest/index.ts';
import { packageRoot } from '../../package-root.ts';
import { realData } from '../../real-data.ts';
import { temporaryFolder } from './model-folder.ts';

// Compiled tests run beside their sources' tree, but JSON is not compiled.
const boxesPath = join(packageRoot, 'test', 'cascade', 'models', 'real-boxes.json');

const MIN_OVERLAP = 0.8;
const MAX_SCORE_DIFFERENCE = 0.1;
const STORED_FROM_SCORE = 0.5;

const share = z.number().min(0).max(1);
const storedBoxes = z.object({
  comment: z.string(),
  frames: z.array(
    z.object({
      video: z.string(),
      frame: z.int(),
      model: z.string(),
      head: z.string(),
      detections: z.array(
        z.object({
          label: z.string(),
          score: share,
          box: z.object({ x: share, y: share, width: share, height: share }),
        }),
      ),
    }),
  ),
});

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const both = Math.max(0, width) * Math.max(0, height);
  return both / (a.width * a.height + b.width * b.height - both);
}

const { frames } = storedBoxes.parse(JSON.parse(await readFile(boxesPath, 'utf8')));
const runs = new Map<string, typeof frames>();
for (const frame of frames) {
  const key = `${frame.model} on ${frame.video}`;
  runs.set(key, [...(runs.get(key) ?? []), frame]);
}

const data = realData ?? '';

describe.skipIf(realData === null)('real models', () => {
  test.each([...runs])('%s finds what was checked by eye', async (_, expected) => {
    const [first] = expected;
    if (first === undefined) return;
    const { video, model: file, head } = first;
    const onnxPath = join(data, 'models', file);
    const stored = await addModel({ onnxPath, name: 'real', head, folder: await temporaryFolder() });
    await using model = await LoadedModel.load(stored);
    await using footage = await openFootage({ path: join(data, 'video', video) });
    const { width, height } = footage.info;
    const request = pictureRequest(stored.declaration, { width, height });
    let seen = 0;
    for (const { frame, detections } of expected) {
      for await (using shown of footage.frames({ from: frame, to: frame + 1 }, () => true)) {
        const picture = { ...request, bytes: shown.pixels(request), frameWidth: width, frameHeight: height };
        const [result] = await model.run([picture]);
        const found = result?.kind === 'detections' ? result.detections : [];
        seen++;
        expectSame(found, detections, `${video} frame ${shown.index}`);
      }
    }
    expect(seen).toBe(expected.length);
  });
});

/** Whatever is sure on either side is on both. */
function expectSame(found: readonly Detection[], expected: readonly Detection[], where: string): void {
  const same = (a: Detection, b: Detection): boolean =>
    a.label === b.label && overlap(a.box, b.box) >= MIN_OVERLAP && Math.abs(a.score - b.score) <= MAX_SCORE_DIFFERENCE;
  for (const one of expected) {
    expect(
      found.some(other => same(one, other)),
      `${where}: missing ${JSON.stringify(one)}`,
    ).toBe(true);
  }
  for (const one of found) {
    if (one.score < STORED_FROM_SCORE + MAX_SCORE_DIFFERENCE) continue;
    expect(
      expected.some(other => same(one, other)),
      `${where}: unexpected ${JSON.stringify(one)}`,
    ).toBe(true);
  }
}
