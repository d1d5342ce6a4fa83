import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AddModelOptions, addModel } from '../../../cascade/models/add-model.ts';
import type { StoredModel } from '../../../cascade/models/stored-model.ts';

/** A folder that is removed when the test has finished. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-models-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes bytes to a file of their own and adds them to a repository of their own. */
export async function storeModel(
  bytes: Uint8Array,
  options: Omit<AddModelOptions, 'onnxPath' | 'folder' | 'name'> & { name?: string },
): Promise<StoredModel> {
  const folder = await temporaryFolder();
  const onnxPath = join(folder, 'made.onnx');
  await writeFile(onnxPath, bytes);
  return addModel({ name: 'tiny', ...options, onnxPath, folder: join(folder, 'models') });
}
