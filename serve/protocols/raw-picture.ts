import type { ServedModel } from '../../cascade/index.ts';
import type { InferRequest } from './oip-request.ts';
import { invalidField, shown } from './request-field.ts';
import { elementBytes } from './tensor-data.ts';

/**
 * Takes a whole body for the one input of a model (`Inference-Header-Content-Length: 0`): a picture when it begins as a JPEG
 * or PNG does, else the values of one row of its tensor. Nothing is copied.
 * @throws SERVE_REQUEST_INVALID - when it can be neither.
 */
export function rawBodyRequest({ inputs }: ServedModel, body: Uint8Array): InferRequest {
  const rest = { id: undefined, outputs: undefined, isBinary: false, deadlineMs: undefined };
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw invalidField('Inference-Header-Content-Length', 'a length above 0 for a model of several inputs', '0');
  }
  const { name, datatype } = input;
  if (isPicture(body)) return { ...rest, inputs: [{ name, datatype: 'BYTES', shape: [1], elements: [body] }] };
  const shape = input.shape.map((size, i) => (size === -1 && i === 0 ? 1 : size));
  const expected = shape.reduce((product, size) => product * size, elementBytes(datatype));
  if (!shape.includes(-1) && body.byteLength === expected) {
    return { ...rest, inputs: [{ name, datatype, shape, data: body }] };
  }
  const wanted = `a JPEG or PNG, or ${expected} bytes of ${datatype} ${shown(shape)}`;
  throw invalidField('body', wanted, `${body.byteLength} other bytes`);
}

function isPicture(body: Uint8Array): boolean {
  const isJpeg = body[0] === 0xff && body[1] === 0xd8;
  return isJpeg || (body[0] === 0x89 && body[1] === 0x50 && body[2] === 0x4e && body[3] === 0x47);
}
