import { joinBytes } from './bytes-elements.ts';
import type { Inferred } from './infer.ts';
import type { InferRequest } from './oip-request.ts';
import { valuesJson } from './tensor-data.ts';
import type { WireTensor } from './wire-tensor.ts';

/** The answer to an infer request over HTTP. */
export interface InferResponse {
  readonly body: Buffer | string;
  /** Length of the JSON when binary data follows it; undefined: the body is JSON alone. */
  readonly jsonBytes: number | undefined;
}

/** Writes outputs as JSON, and those that were asked for in binary after it. */
export function formatInferResponse(
  modelName: string,
  { version, outputs }: Inferred,
  { id, isBinary, outputs: requested }: Pick<InferRequest, 'id' | 'isBinary' | 'outputs'>,
): InferResponse {
  const binary: Uint8Array[] = [];
  const texts = outputs.map((output, i) => {
    const head = `{"name":${JSON.stringify(output.name)},"datatype":"${output.datatype}","shape":[${output.shape.join(',')}]`;
    if (!(requested?.[i]?.isBinary ?? isBinary)) return `${head},"data":${dataJson(output)}}`;
    const data = rawData(output);
    binary.push(data);
    return `${head},"parameters":{"binary_data_size":${data.byteLength}}}`;
  });
  const idField = id === undefined ? '' : `,"id":${JSON.stringify(id)}`;
  const json = `{"model_name":${JSON.stringify(modelName)},"model_version":"${version}"${idField},"outputs":[${texts.join(',')}]}`;
  if (binary.length === 0) return { body: json, jsonBytes: undefined };
  const head = Buffer.from(json);
  return { body: Buffer.concat([head, ...binary]), jsonBytes: head.byteLength };
}

/** The bytes of a tensor as they follow the JSON or stand in `raw_output_contents`. */
export function rawData(tensor: WireTensor): Uint8Array {
  return tensor.datatype === 'BYTES' ? joinBytes(tensor.elements) : tensor.data;
}

function dataJson(tensor: WireTensor): string {
  if (tensor.datatype !== 'BYTES') return valuesJson(tensor.datatype, tensor.data);
  return JSON.stringify(tensor.elements.map(element => new TextDecoder().decode(element)));
}
