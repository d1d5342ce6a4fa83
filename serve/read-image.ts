import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serveErrors } from './errors.ts';

/** Types of bodies that are an image as it is. */
export const rawImageTypes: readonly string[] = ['image/jpeg', 'image/png', 'application/octet-stream'];

/** Lets an application read bodies that hold an image. */
export async function addImageBodies(app: FastifyInstance): Promise<void> {
  app.addContentTypeParser([...rawImageTypes], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  await app.register(multipart, { limits: { files: 1, fields: 8, parts: 9, fieldSize: 1024 } });
}

/**
 * The bytes of the image that a request carries: its body, the first file of a form, or `{ "image": { "b64": … } }`. Whether
 * they are an image is for whoever decodes them.
 * @throws SERVE_REQUEST_INVALID - when there is none.
 */
export async function readImage(request: FastifyRequest): Promise<Uint8Array> {
  const { body } = request;
  const [bytes, field] = Buffer.isBuffer(body)
    ? [body, 'body']
    : request.isMultipart()
      ? [await readForm(request), 'the file of the form']
      : [readJson(body), 'image.b64'];
  if (bytes.length > 0) return bytes;
  throw serveErrors.create('SERVE_REQUEST_INVALID', { field, expected: 'a JPEG or PNG', got: '0 bytes' });
}

async function readForm(request: FastifyRequest): Promise<Uint8Array> {
  try {
    const file = await request.file();
    if (file !== undefined) return await file.toBuffer();
  } catch (error) {
    // Too large, say. Whatever else a parser of forms stumbles over is in the form.
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw wrong('the form', 'a well-formed one', error instanceof Error ? error.message : String(error));
  }
  throw wrong('the form', 'a file, such as image', 'none');
}

function readJson(body: unknown): Uint8Array {
  const image = fieldOf(body, 'image', 'body');
  const text = fieldOf(image, 'b64', 'image');
  if (typeof text !== 'string') throw wrong('image.b64', 'text in base64', kindOf(text));
  const place = text.search(/[^A-Za-z0-9+/]/);
  const isPadded = place < 0 || /^={1,2}$/.test(text.slice(place));
  if (!isPadded || text.length % 4 !== 0) {
    const got = isPadded ? `${text.length} characters` : `a character of another kind at place ${place}`;
    throw wrong('image.b64', 'base64, padded to a multiple of 4 characters', got);
  }
  return Buffer.from(text, 'base64');
}

function fieldOf(value: unknown, name: string, field: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(field, `an object with the field "${name}"`, kindOf(value));
  }
  if (!Object.hasOwn(value, name)) {
    const names = Object.keys(value).slice(0, 8).join(', ');
    throw wrong(field, `the field "${name}"`, names === '' ? 'no field' : `only ${names.slice(0, 200)}`);
  }
  return (value as Record<string, unknown>)[name];
}

function wrong(field: string, expected: string, got: string): Error {
  return serveErrors.create('SERVE_REQUEST_INVALID', { field, expected, got });
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
