import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';
import { shownPath } from './shown-path.ts';

/** Bounds of latencies in s: from a cached answer to the longest that a client waits for. */
export const latencyBuckets: number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** Measures each request, from its headers until its answer has left, by its route: never by what clients choose. */
export function addRequestMetrics(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'saccade_http_request_duration_seconds',
    help: 'Time from the headers of a request until its answer has left',
    labelNames: ['method', 'route', 'status'],
    buckets: latencyBuckets,
    registers: [registry],
  });
  const shown = new Map<string | undefined, string>([[undefined, 'none']]);
  app.addHook('onResponse', (request, reply, done) => {
    const { url } = request.routeOptions;
    const route = shown.get(url) ?? shownPath(url ?? '');
    shown.set(url, route);
    const method = url === undefined ? 'any' : request.method;
    durations.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
}
