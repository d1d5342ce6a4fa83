import type { ModelResult, NamedTensor, ServedModel } from '../../cascade/index.ts';
import { decodeBase64 } from './bytes-elements.ts';
import { flattenValues } from './flatten-values.ts';
import { askImages, infer } from './infer.ts';
import {
  described,
  elementsOf,
  invalidField,
  readArray,
  readObject,
  readOptionalObject,
  shown,
} from './request-field.ts';
import { packValues, readValues } from './tensor-data.ts';
import { isEncodedBytes, readSignature } from './tfs-request.ts';
import { floatJson } from './tfs-response.ts';

/** Scores by label, of one example. */
type Classes = readonly (readonly [label: string, score: number])[];

/**
 * Answers a classify request as JSON: for each example its labels and scores. Of a picture the model's head tells them, for a
 * detector the best score of each label that it found, best first; of numbers the model's one output, a score a label.
 * @throws SERVE_REQUEST_INVALID - when examples do not fit the model, or the model does not classify.
 */
export async function classify(body: unknown, model: ServedModel): Promise<string> {
  const examples = readExamples(body, model);
  const { labels } = model.declaration;
  const classes: readonly Classes[] =
    examples.kind === 'images'
      ? (await askImages(model, examples.images, {})).answers.map(answer => classesOf(answer, labels))
      : (await scoresOf(model, examples.tensor)).map(scores => labeled(scores, labels));
  const texts = classes.map(
    entry => `[${entry.map(([label, score]) => `[${JSON.stringify(label)},${floatJson(score)}]`).join(',')}]`,
  );
  return `{"results":[${texts.join(',')}]}`;
}

/**
 * Answers a regress request as JSON: one number an example.
 * @throws SERVE_REQUEST_INVALID - when examples do not fit the model, or it gives more than a number.
 */
export async function regress(body: unknown, model: ServedModel): Promise<string> {
  const examples = readExamples(body, model);
  const values =
    examples.kind === 'images'
      ? (await askImages(model, examples.images, {})).answers.map(confidenceOf)
      : (await scoresOf(model, examples.tensor)).map(onlyScore);
  return `{"results":[${values.map(floatJson).join(',')}]}`;
}

type Examples =
  | { readonly kind: 'images'; readonly images: readonly Uint8Array[] }
  | { readonly kind: 'tensor'; readonly tensor: NamedTensor };

/** Reads `examples`, features by name, to which those of `context` are added; the model's input is the one that counts. */
function readExamples(body: unknown, { inputs, name: model }: ServedModel): Examples {
  const request = readObject(body, 'body');
  readSignature(request['signature_name']);
  const context = readOptionalObject(request['context'], 'context');
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw invalidField('model', 'one input', `${model} with more`);
  const features = readArray(request['examples'], 'examples').map((example, i) => {
    const field = `examples[${i}]`;
    const features = { ...context, ...readObject(example, field) };
    if (Object.hasOwn(features, input.name))
      return flattenValues(features[input.name], `${field}.${input.name}`).values;
    throw invalidField(field, `a feature ${described(input.name)}, here or in the context`, 'none');
  });
  if (features.length === 0) throw invalidField('examples', '1 or more', 'none');
  if (features.flat().some(isEncodedBytes)) {
    const images = features.map(([first], i) => {
      if (isEncodedBytes(first)) return decodeBase64(first.b64, `examples[${i}].${input.name}.b64`);
      throw invalidField(`examples[${i}].${input.name}`, 'an object "b64", as in other examples', described(first));
    });
    return { kind: 'images', images };
  }
  const inner = input.shape.slice(1);
  const count = elementsOf(inner);
  for (const [i, values] of features.entries()) {
    if (values.length === count) continue;
    const field = `examples[${i}].${input.name}`;
    throw invalidField(field, `${Math.max(count, 0)} values for ${shown(inner)}`, `${values.length}`);
  }
  const data = packValues(input.datatype, features.flat(), 'examples');
  return {
    kind: 'tensor',
    tensor: { name: input.name, datatype: input.datatype, shape: [features.length, ...inner], data },
  };
}

/** The model's only output, row by row. */
async function scoresOf(model: ServedModel, tensor: NamedTensor): Promise<readonly (readonly number[])[]> {
  const { outputs } = await infer(model, [tensor], undefined);
  const [output] = outputs;
  const rows = tensor.shape[0] ?? 1;
  if (output === undefined || outputs.length !== 1 || output.datatype === 'BYTES' || output.shape[0] !== rows) {
    throw invalidField('model', 'one output with a row for each example', `${model.name} with others`);
  }
  const values = Array.from<number | bigint>(readValues(output.datatype, output.data) as Iterable<number | bigint>);
  const size = values.length / rows;
  return Array.from({ length: rows }, (_, i) => values.slice(i * size, (i + 1) * size).map(Number));
}

function labeled(scores: readonly number[], labels: readonly string[]): Classes {
  if (scores.length !== labels.length) {
    throw invalidField('model', `${labels.length} scores, one a label`, `${scores.length}; ask it to predict`);
  }
  return labels.map((label, i) => [label, scores[i] ?? Number.NaN] as const);
}

function classesOf(answer: ModelResult, labels: readonly string[]): Classes {
  if (answer.kind === 'confidence') return [[labels[0] ?? '', answer.confidence]];
  if (answer.kind !== 'detections') return [];
  const best = new Map<string, number>();
  for (const { label, score } of answer.detections) best.set(label, Math.max(score, best.get(label) ?? 0));
  return [...best].sort(([, a], [, b]) => b - a);
}

function confidenceOf(answer: ModelResult): number {
  if (answer.kind === 'confidence') return answer.confidence;
  throw invalidField('model', 'one that gives a confidence', 'a detector; ask it to classify or predict');
}

function onlyScore(scores: readonly number[]): number {
  const [score] = scores;
  if (score !== undefined && scores.length === 1) return score;
  throw invalidField('model', 'one number an example', `${scores.length}; ask it to classify or predict`);
}
