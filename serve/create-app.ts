import rateLimit from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyPluginAsync, type FastifyReply, fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { serveErrors } from './errors.ts';
import { replyError } from './http-error.ts';
import { httpServer, type TlsMaterial } from './http-server.ts';
import { KnownMethods } from './known-methods.ts';
import { addMetrics } from './metrics-routes.ts';
import type { RequestGuard } from './request-guard.ts';
import { requestIds } from './request-id.ts';
import type { ServeSettings } from './serve-options.ts';
import { addDocument, addHealth } from './service-routes.ts';

/** What an application is made of. */
export interface AppParts {
  readonly settings: ServeSettings;
  readonly guard: RequestGuard;
  /** Where metrics are. */
  readonly registry: Registry;
  readonly tls: TlsMaterial | null;
  /** Version of Saccade. */
  readonly version: string;
  /** Each adds its routes. */
  readonly plugins: readonly FastifyPluginAsync[];
}

/** Puts the HTTP application together; it does not listen yet. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { settings, guard, registry, tls, version, plugins } = parts;
  const { maxBodyBytes, requestTimeoutMs, rateLimit: limit, onFailure, deployment } = settings;
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    genReqId: requestIds(),
    serverFactory: handler => httpServer(handler, { tls, requestTimeoutMs }),
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (error, request, reply: FastifyReply) => {
      // No hook has seen it.
      const { status, body } = replyError(error, { requestId: request.id });
      void reply.code(status).header('x-request-id', request.id).send(body);
    },
  });
  const known = new KnownMethods(app);
  // Schemas are for the document: what a request holds is read by hand, which says better what is wrong, and costs nothing.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => {
    const { status, headers, body } = replyError(error, { requestId: request.id, maxBodyBytes });
    if (status === 500) onFailure(error, request.id);
    // The rest of the body is not read: the connection is of no more use.
    if (status === 413) reply.header('connection', 'close');
    return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(JSON.stringify(body));
  });
  app.setNotFoundHandler((request, reply) => {
    const { allow, error } = known.describe(request.method, request.url);
    if (allow !== '') reply.header('allow', allow);
    throw error;
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.setHeader('x-request-id', request.id);
    done();
  });
  if (limit !== null) await limitRate(app, limit);
  guard.guard(app);
  await addDocument(app, { version, hasTokens: guard.hasTokens });
  addHealth(app, guard);
  addMetrics(app, { registry, deployment, guard, version });
  for (const plugin of plugins) await app.register(plugin);
  return app;
}

/** Before the guard, so that wrong tokens count too. */
async function limitRate(app: FastifyInstance, limit: number): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max: limit,
    timeWindow: 1000,
    errorResponseBuilder: () => serveErrors.create('SERVE_RATE_LIMITED', { limit }),
  });
  app.addHook('onRequest', app.rateLimit());
}
