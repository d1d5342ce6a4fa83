import { createServer, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyServerFactoryHandler } from 'fastify';
import { serveErrors } from './errors.ts';
import { replyError } from './http-error.ts';

/** A certificate and its key, PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** How long an idle connection is kept, in ms: longer than the 60 s after which common load balancers give theirs up. */
const keepAliveTimeoutMs = 65_000;

/**
 * Makes the HTTP server with its deadlines: who sends slowly is answered 408 and cut off, so that slow clients do not pile up.
 * @param options.requestTimeoutMs - For the whole request; its headers get as much, at most 10 s.
 */
export function httpServer(
  handler: FastifyServerFactoryHandler,
  { tls, requestTimeoutMs }: { tls: TlsMaterial | null; requestTimeoutMs: number },
): Server {
  const options = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(requestTimeoutMs, 10_000),
    keepAliveTimeout: keepAliveTimeoutMs,
    // Deadlines are looked at so often.
    connectionsCheckingInterval: Math.min(1000, Math.ceil(requestTimeoutMs / 4)),
  };
  const server =
    tls === null
      ? createServer(options, handler)
      : createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, handler);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answerUnreadable(error, socket, requestTimeoutMs);
  });
  return server;
}

/** Answers what is no HTTP request, or did not arrive in time; the connection cannot be used after it. */
function answerUnreadable({ code = '', message }: NodeJS.ErrnoException, socket: Socket, limitMs: number): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const error =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? serveErrors.create('SERVE_REQUEST_TIMEOUT', { part: 'headers and body', limitMs })
      : serveErrors.create('SERVE_REQUEST_INVALID', { field: 'its HTTP', expected: 'HTTP/1.1', got: message });
  const { status: given, body } = replyError(error);
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : given;
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
