import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addModel, type StoredModel } from '../../cascade/index.ts';

/** A trained model and where it is to lie. */
export interface StoreClassifierOptions {
  /** The ONNX model, as `exportClassifier` writes it. */
  readonly model: Uint8Array;
  /** The repository of models; made when it does not exist. */
  readonly folder: string;
  /** Name in the repository; an equal model of that name is not stored twice. */
  readonly name: string;
  /** What it answers, such as `person`. */
  readonly label: string;
}

/** Puts a trained model into a repository of models, as an ordinary one with a binary head. */
export async function storeClassifier({ model, folder, name, label }: StoreClassifierOptions): Promise<StoredModel> {
  await mkdir(folder, { recursive: true });
  const onnxPath = join(folder, `.storing-${randomUUID()}.onnx`);
  try {
    await writeFile(onnxPath, model);
    return await addModel({ onnxPath, folder, name, head: 'binary', labels: [label], licence: 'unstated' });
  } finally {
    await rm(onnxPath, { force: true });
  }
}
