import { checkImage } from '../../ingest/index.ts';
import { cascadeErrors } from '../errors.ts';
import type { ModelTensors, ModelWork, NamedTensor, TensorInfo } from './model-work.ts';
import { bytesPerValue, valueCount } from './tensor-data.ts';

/** What work is checked against. */
export interface WorkLimits {
  /** Name of the model, for the message. */
  readonly model: string;
  readonly tensors: ModelTensors;
}

/** Most rows of one request's tensors: what a run of the model takes at most (`LoadedModelOptions.maxBatchSize`). */
const MOST_ROWS = 1024;

/**
 * Checks work before it is queued, as far as that is possible without decoding.
 * @throws CASCADE_IMAGE_INVALID - when the bytes are no whole JPEG or PNG of at most 100 megapixels.
 * @throws CASCADE_TENSOR_INVALID - when tensors are not what the model takes; names the field, what was expected and found.
 */
export function checkWork(work: ModelWork, limits: WorkLimits): void {
  if (work.kind === 'image') {
    const checked = checkImage(work.bytes);
    if ('fault' in checked) throw cascadeErrors.create('CASCADE_IMAGE_INVALID', { got: checked.got });
  } else if (work.kind === 'tensors') checkTensors(work, limits);
}

function checkTensors(work: Extract<ModelWork, { kind: 'tensors' }>, { model, tensors }: WorkLimits): void {
  const fail: Fail = (field, expected, got) => {
    throw cascadeErrors.create('CASCADE_TENSOR_INVALID', { model, field, expected, got });
  };
  const known = tensors.inputs.map(({ name }) => name).join(', ');
  const given = new Set<string>();
  for (const [i, input] of work.inputs.entries()) {
    const info = tensors.inputs.find(({ name }) => name === input.name) ?? fail(`inputs[${i}].name`, known, input.name);
    if (given.has(input.name)) fail(`inputs[${i}].name`, 'each input once', `${input.name} twice`);
    given.add(input.name);
    checkTensor(input, info, (part, expected, got) => fail(`inputs[${i}].${part} (${info.name})`, expected, got));
  }
  if (tensors.inputs.some(({ name }) => !given.has(name))) fail('inputs', known, [...given].join(', ') || 'none');
  for (const [i, output] of (work.outputs ?? []).entries()) {
    if (tensors.outputs.some(({ name }) => name === output)) continue;
    fail(`outputs[${i}].name`, tensors.outputs.map(({ name }) => name).join(', '), output);
  }
}

type Fail = (field: string, expected: string, got: string | number) => never;

function checkTensor({ datatype, shape, data }: NamedTensor, info: TensorInfo, fail: Fail): void {
  if (datatype !== info.datatype) fail('datatype', info.datatype, datatype);
  const fits =
    shape.length === info.shape.length &&
    shape.every((length, i) => {
      const expected = info.shape[i] ?? -1;
      return Number.isSafeInteger(length) && length >= 1 && (expected === -1 || length === expected);
    });
  const wanted = `[${info.shape.join(', ')}]`;
  if (!fits) fail('shape', `${wanted}, whole numbers from 1`, `[${shape.join(', ')}]`);
  const [rows = 1] = shape;
  if (info.shape[0] === -1 && rows > MOST_ROWS) fail('shape', `at most ${MOST_ROWS} rows`, rows);
  const bytes = valueCount(shape) * bytesPerValue(datatype);
  if (data.length !== bytes)
    fail('data', `${bytes} bytes for ${datatype} [${shape.join(', ')}]`, `${data.length} bytes`);
}
