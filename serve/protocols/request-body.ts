import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serveErrors } from '../errors.ts';
import { described, invalidField } from './request-field.ts';

const expand = { gzip: promisify(gunzip), deflate: promisify(inflate) };
const compress = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** Below it a body fits into a packet or two, and compressing costs more than it saves; in bytes. */
const leastCompressedBytes = 2048;

/**
 * Makes the routes of a plugin take bodies of any content type, or of none, as bytes: tritonclient sends none, and what
 * TensorFlow Serving's clients send is often `application/x-www-form-urlencoded`.
 */
export function takeRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // The schemas of these routes are for the OpenAPI document: bodies are bytes here, and messages must name fields.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => value => JSON.stringify(value));
}

/**
 * The body of a request, expanded if it came compressed; empty if there was none.
 * @throws SERVE_REQUEST_INVALID - when it cannot be expanded, or is compressed otherwise than by gzip or deflate.
 * @throws SERVE_BODY_TOO_LARGE - when it is larger than the server takes once expanded.
 */
export async function readBody(request: FastifyRequest): Promise<Uint8Array> {
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const coding = request.headers['content-encoding'];
  if (coding === undefined || coding === 'identity') return body;
  if (coding !== 'gzip' && coding !== 'deflate') {
    throw invalidField('Content-Encoding', 'gzip, deflate or identity', described(coding));
  }
  const maxOutputLength = request.routeOptions.bodyLimit ?? 2 ** 20;
  try {
    return await expand[coding](body, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw serveErrors.create('SERVE_BODY_TOO_LARGE', { limit: maxOutputLength, got: 'more, once expanded' });
    }
    throw invalidField('body', `data compressed by ${coding}`, 'other data');
  }
}

/** Compresses a body as far as the client wants that and it is worth it; `coding` is undefined where it stays as it is. */
export async function encodeBody(
  body: Buffer | string,
  acceptEncoding: string | undefined,
): Promise<{ readonly body: Buffer | string; readonly coding: 'gzip' | 'deflate' | undefined }> {
  const coding = acceptEncoding === undefined ? undefined : acceptedCoding(acceptEncoding);
  if (coding === undefined || body.length < leastCompressedBytes) return { body, coding: undefined };
  return { body: await compress[coding](body, { level: 1 }), coding };
}

function acceptedCoding(acceptEncoding: string): 'gzip' | 'deflate' | undefined {
  const accepted = acceptEncoding.toLowerCase().split(',');
  const takes = (coding: string): boolean =>
    accepted.some(entry => {
      const [name = '', ...parameters] = entry.split(';').map(part => part.trim());
      return name === coding && !parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter));
    });
  if (takes('gzip')) return 'gzip';
  return takes('deflate') ? 'deflate' : undefined;
}
