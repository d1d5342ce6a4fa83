import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Deployment } from '../streams-dsl/index.ts';
import { addDeploymentMetrics } from './deployment-metrics.ts';
import { responses } from './json-schema.ts';
import { addReadMetric } from './read-metric.ts';
import type { RequestGuard } from './request-guard.ts';
import { addRequestMetrics } from './request-metrics.ts';

/** What is measured. */
export interface MetricsParts {
  /** Where others add what they measure. */
  readonly registry: Registry;
  readonly deployment: Deployment;
  readonly guard: RequestGuard;
  /** Version of Saccade. */
  readonly version: string;
}

/** `/metrics`: what the server, its requests and its deployment do, for Prometheus. */
export function addMetrics(app: FastifyInstance, { registry, deployment, guard, version }: MetricsParts): void {
  addRequestMetrics(app, registry);
  addDeploymentMetrics(registry, deployment);
  const add = (kind: 'counter' | 'gauge', name: string, help: string, read: () => number): void =>
    addReadMetric(registry, { kind, name, help, labels: [], read: () => [[{}, read()]] });
  add('gauge', 'saccade_http_requests_in_flight', 'Requests that are unanswered', () => guard.underWay);
  add('gauge', 'process_resident_memory_bytes', 'Memory resident in the main process', () => process.memoryUsage.rss());
  add('counter', 'process_cpu_seconds_total', 'Processor time of the main process', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  add('gauge', 'process_start_time_seconds', 'When the main process started, in seconds since 1970', () => {
    return performance.timeOrigin / 1000;
  });
  addReadMetric(registry, {
    kind: 'gauge',
    name: 'saccade_build_info',
    help: 'Always 1; says which version runs',
    labels: ['version', 'node'],
    read: () => [[{ version, node: process.version }, 1]],
  });
  const schema: object = {
    operationId: 'metrics',
    tags: ['service'],
    summary: 'Say what is done, for Prometheus',
    response: responses({
      200: { description: 'The metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
    }),
  };
  app.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
