import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import type { AnswerSources, Deployment, ExecuteOptions } from '../streams-dsl/index.ts';
import type { PredictBody } from './answer-body.ts';
import { serveErrors } from './errors.ts';
import { predictPicture, timingOf } from './predict-picture.ts';
import { QueryMetrics } from './query-metrics.ts';
import { predictSchema, queriesSchema } from './query-schemas.ts';
import { addImageBodies, rawImageTypes, readImage } from './read-image.ts';

/** What queries are answered with. */
export interface QueryParts {
  readonly deployment: Deployment;
  /** By their names, prepared: what answers come from. */
  readonly queries: ReadonlyMap<string, AnswerSources>;
  /** Where they are measured. */
  readonly registry: Registry;
}

/** `GET /v1/queries` and `POST /v1/queries/{name}:predict`. */
export function queryRoutes({ deployment, queries, registry }: QueryParts): FastifyPluginAsync {
  const metrics = new QueryMetrics(registry);
  return async app => {
    await addImageBodies(app);
    app.removeContentTypeParser('text/plain');
    app.addContentTypeParser('*', ({ headers }, _payload, done) => {
      const expected = [...rawImageTypes, 'multipart/form-data', 'application/json'].join(', ');
      done(serveErrors.create('SERVE_MEDIA_TYPE_UNKNOWN', { got: headers['content-type'] ?? 'none', expected }));
    });

    app.get('/v1/queries', { schema: queriesSchema }, () => ({
      queries: [...queries].map(([name, sources]) => ({ name, ...sources })),
    }));

    app.post<{ Params: { name: string } }>(
      '/v1/queries/:name([^/:]+)::predict',
      { schema: predictSchema },
      async (request, reply) => {
        const { name } = request.params;
        const sources = queries.get(name);
        if (sources === undefined) {
          const known = [...queries.keys()].join(', ') || 'none';
          throw serveErrors.create('SERVE_QUERY_UNKNOWN', { name, known });
        }
        const image = await readImage(request);
        const options = { ...executeOptions(request), signal: whileConnected(reply) };
        const { queryMs, ...answered } = await predictPicture({ deployment, query: name, sources }, image, options);
        const totalMs = reply.elapsedTime;
        metrics.count(name, answered.answer, totalMs);
        const body: PredictBody = { requestId: request.id, ...answered, timing: timingOf({ queryMs, totalMs }) };
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
      },
    );
  };
}

/** What the address says after its question mark. */
function executeOptions({ query }: FastifyRequest): ExecuteOptions {
  const { timestampUs, deadlineMs } = query as Readonly<Record<string, unknown>>;
  return {
    ...(timestampUs !== undefined && { timestampUs: wholeNumber('timestampUs', timestampUs, 0) }),
    ...(deadlineMs !== undefined && { deadlineMs: wholeNumber('deadlineMs', deadlineMs, 1) }),
  };
}

function wholeNumber(field: string, given: unknown, least: number): number {
  const value = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  const got = typeof given === 'string' ? `"${given.slice(0, 40)}"` : 'several';
  throw serveErrors.create('SERVE_REQUEST_INVALID', { field, expected: `a whole number, ${least} or more`, got });
}

/** Aborted when the client goes away before its answer: nobody else wants it. */
function whileConnected({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(serveErrors.create('SERVE_CLIENT_GONE', {}));
  });
  return gone.signal;
}
