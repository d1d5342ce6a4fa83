import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { json, objectSchema, openResponses } from './json-schema.ts';
import type { RequestGuard } from './request-guard.ts';

const statusSchema = objectSchema({ status: { type: 'string' } });

/** `/healthz` and `/readyz`: whether the process lives, and whether it takes requests. */
export function addHealth(app: FastifyInstance, guard: RequestGuard): void {
  const isOpen = { tags: ['service'], security: [] };
  const health: object = {
    ...isOpen,
    operationId: 'healthz',
    summary: 'Say that the process lives',
    response: openResponses({ 200: json('It lives', statusSchema) }),
  };
  app.get('/healthz', { schema: health }, () => ({ status: 'ok' }));
  const ready: object = {
    ...isOpen,
    operationId: 'readyz',
    summary: 'Say whether requests are taken',
    response: openResponses({ 200: json('They are', statusSchema) }, [503]),
  };
  app.get('/readyz', { schema: ready }, (_request, reply) => {
    if (!guard.isStopping) return { status: 'ready' };
    void reply.code(503).header('retry-after', '1');
    return { error: 'The server is being stopped.', code: 'SERVE_STOPPING' };
  });
}

/** `/openapi.json`, made of the schemas of all routes that follow, and `/docs`, which shows it with what the package brings. */
export async function addDocument(
  app: FastifyInstance,
  { version, hasTokens }: { version: string; hasTokens: boolean },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Saccade',
        version,
        description:
          'Questions about single pictures, answered as the frames of a stream are; and the streams beside them.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      ...(hasTokens && {
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
        security: [{ token: [] }],
      }),
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    // Its badge would be fetched from elsewhere.
    uiConfig: { validatorUrl: null },
  });
  app.get('/openapi.json', { schema: { hide: true } as object }, () => app.swagger());
}
