import { type MemoryImageDecoder, openImageDecoder, toErrorRecord } from '../../ingest/index.ts';
import { cascadeErrors } from '../errors.ts';
import { type Picture, pictureRequest } from './model-input.ts';
import type { ModelAnswer } from './model-protocol.ts';
import { type ModelWork, type NamedTensor, rowCount } from './model-work.ts';
import type { OnnxModel } from './onnx-model.ts';
import { joinTensors, rowsOf } from './tensor-data.ts';

type TensorWork = Extract<ModelWork, { kind: 'tensors' }>;
/** One of the works of a batch and its place there. */
interface Placed<Item> {
  readonly place: number;
  readonly item: Item;
}

/**
 * Answers batches of works of any kinds with a model of this process: images are decoded, pictures run together, and so do
 * tensors that fit together.
 */
export class WorkRunner {
  readonly #model: OnnxModel;
  #decoder: MemoryImageDecoder | null = null;
  /** Whether outputs have a row for each row of the inputs; a model that joins them has not. */
  #splits = true;

  /** @param model - Stays the caller's. */
  constructor(model: OnnxModel) {
    this.#model = model;
  }

  /** Loads the decoder of images, which takes a tenth of a second; without it the first image waits for that. */
  async prepareImages(): Promise<void> {
    this.#decoder ??= await openImageDecoder('images');
  }

  /** One answer a work, in their order. */
  async answer(works: readonly ModelWork[]): Promise<ModelAnswer[]> {
    const answers = new Array<ModelAnswer>(works.length);
    const pictures: Placed<Picture>[] = [];
    const tensors: Placed<TensorWork>[] = [];
    for (let place = 0; place < works.length; place++) {
      const work = works[place] as ModelWork;
      if (work.kind === 'picture') pictures.push({ place, item: work.picture });
      else if (work.kind === 'tensors') tensors.push({ place, item: work });
      else {
        try {
          pictures.push({ place, item: await this.#picture(work.bytes) });
        } catch (error) {
          answers[place] = { kind: 'failed', error: toErrorRecord(error) };
        }
      }
    }
    if (pictures.length > 0) await this.#runPictures(pictures, answers);
    for (const group of groupsOf(tensors, this.#splits && this.#model.takesAnyBatch ? this.#model.batchSize : 1)) {
      await this.#runTensors(group, answers);
    }
    return answers;
  }

  async #picture(bytes: Uint8Array): Promise<Picture> {
    await this.prepareImages();
    using frame = await this.#decoder?.decode(bytes, { index: 0, timestampUs: 0 });
    if (frame === undefined) {
      throw cascadeErrors.create('CASCADE_IMAGE_INVALID', { got: `${bytes.length} bytes that do not decode` });
    }
    const request = pictureRequest(this.#model.declaration, frame);
    const { width, height } = request;
    return { width, height, bytes: frame.pixels(request), frameWidth: frame.width, frameHeight: frame.height };
  }

  async #runPictures(pictures: readonly Placed<Picture>[], answers: ModelAnswer[]): Promise<void> {
    await oneByOneOnError(
      pictures,
      answers,
      async () => {
        const results = await this.#model.run(pictures.map(({ item }) => item));
        pictures.forEach(({ place, item: { frameWidth, frameHeight } }, i) => {
          const result = results[i];
          if (result !== undefined) answers[place] = { ...result, frameWidth, frameHeight };
        });
      },
      one => this.#runPictures([one], answers),
    );
  }

  async #runTensors(works: readonly Placed<TensorWork>[], answers: ModelAnswer[]): Promise<void> {
    await oneByOneOnError(
      works,
      answers,
      async () => {
        const [
          {
            item: { inputs, outputs: wanted },
          },
        ] = works as readonly [Placed<TensorWork>];
        const feeds = Object.fromEntries(
          inputs.map(({ name }) => [name, joinTensors(works.map(({ item }) => inputOf(item, name)))]),
        );
        const outputs = await this.#model.runTensors(feeds, wanted);
        if (works.length === 1) {
          for (const { place } of works) answers[place] = { kind: 'tensors', outputs };
          return;
        }
        const rows = works.reduce((sum, { item }) => sum + rowCount(item), 0);
        if (outputs.some(({ shape }) => shape[0] !== rows)) {
          this.#splits = false;
          for (const one of works) await this.#runTensors([one], answers);
          return;
        }
        let from = 0;
        for (const { place, item } of works) {
          const count = rowCount(item);
          const start = from;
          answers[place] = { kind: 'tensors', outputs: outputs.map(output => rowsOf(output, start, count)) };
          from += count;
        }
      },
      one => this.#runTensors([one], answers),
    );
  }
}

/** When a batch fails one of its works is to blame: each runs alone then, so that the others have their answers. */
async function oneByOneOnError<Item>(
  works: readonly Placed<Item>[],
  answers: ModelAnswer[],
  run: () => Promise<void>,
  runOne: (one: Placed<Item>) => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const [only] = works;
    if (only !== undefined && works.length === 1) answers[only.place] = { kind: 'failed', error: toErrorRecord(error) };
    else for (const one of works) await runOne(one);
  }
}

/** Works that run together: with equal inputs but for their first dimension, equal outputs, and at most so many rows. */
function groupsOf(works: readonly Placed<TensorWork>[], mostRows: number): Placed<TensorWork>[][] {
  const groups: { readonly key: string; readonly works: Placed<TensorWork>[]; rows: number }[] = [];
  for (const one of works) {
    const { inputs, outputs } = one.item;
    const rows = rowCount(one.item);
    const key = JSON.stringify([
      inputs.map(({ name, shape }) => [name, shape.slice(1)]).sort(),
      outputs,
      inputs.every(({ shape }) => shape[0] === rows) ? null : groups.length,
    ]);
    const group = groups.find(known => known.key === key && known.rows + rows <= mostRows);
    if (group === undefined) groups.push({ key, works: [one], rows });
    else {
      group.works.push(one);
      group.rows += rows;
    }
  }
  return groups.map(group => group.works);
}

function inputOf({ inputs }: TensorWork, name: string): NamedTensor {
  return inputs.find(input => input.name === name) as NamedTensor;
}
