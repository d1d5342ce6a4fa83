import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeImage } from '../../ingest/index.ts';
import { type RunningServer, startServer } from '../../serve/index.ts';
import { type Deployment, deploy, mapFrames, pipeline, request } from '../../streams-dsl/index.ts';
import { call, post } from './call-server.ts';

let deployment: Deployment;
let server: RunningServer;
let image: Uint8Array;

beforeAll(async () => {
  image = await encodeImage({ width: 8, height: 8, bytes: new Uint8Array(192).fill(9) }, { format: 'png' });
  const first = mapFrames(({ pixels: [value = 0] }) => value, { pixels: { width: 4, height: 4, format: 'gray' } });
  deployment = deploy(pipeline('gray', request(), first));
  server = await startServer({ deployment, port: 0 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
});

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format of Prometheus, strictly: every sample belongs to a family that was announced. */
function parse(text: string): Sample[] {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const [, announced, type] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (announced !== undefined && type !== undefined) {
      expect(types.has(announced)).toBe(false);
      types.set(announced, type);
      continue;
    }
    const [, name = '', , labels = '', value = ''] = /^(\w+)(\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    expect(types.has(family), line).toBe(true);
    expect(Number.isNaN(Number(value.replace('+Inf', 'Infinity'))), line).toBe(false);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
    samples.push({ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) });
  }
  for (const [name, type] of types) if (type === 'counter') expect(name).toMatch(/_total$/);
  return samples;
}

it('counts requests, answers and steps, and nothing by what a client chose', async () => {
  for (let i = 0; i < 3; i++) {
    await call(server, '/v1/queries/gray:predict', {
      ...post(image, 'image/png'),
      headers: { 'content-type': 'image/png', 'x-request-id': `chosen-${i}` },
    });
  }
  await call(server, '/v1/queries/gray:predict', post('no image', 'image/png'));
  for (const path of ['/chosen-a', '/v1/streams/chosen-b', '/v1/queries/chosen-c:predict']) {
    await call(server, path, { method: path.endsWith('predict') ? 'POST' : 'GET' });
  }
  const { text, headers } = await call(server, '/metrics');
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).not.toContain('chosen');
  const samples = parse(text);
  const value = (name: string, labels: object): number | undefined =>
    samples.find(one => one.name === name && expect.objectContaining(labels).asymmetricMatch(one.labels))?.value;
  const route = '/v1/queries/{name}:predict';
  const requests = 'saccade_http_request_duration_seconds_count';
  expect(value(requests, { route, method: 'POST', status: '200' })).toBe(3);
  expect(value(requests, { route, status: '400' })).toBe(1);
  expect(value(requests, { route: 'none', status: '404' })).toBe(1);
  expect(value('saccade_end_to_end_latency_seconds_count', { query: 'gray' })).toBe(3);
  expect(value('saccade_end_to_end_latency_seconds_bucket', { query: 'gray', le: '+Inf' })).toBe(3);
  expect(value('saccade_query_rows_total', { query: 'gray' })).toBe(3);
  expect(value('saccade_stage_frames_total', { query: 'gray', stage: '2-map', decision: 'pass' })).toBe(3);
  expect(value('saccade_http_requests_in_flight', {})).toBe(1);
  expect(value('saccade_build_info', { node: process.version })).toBe(1);
  const names = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  for (const name of [
    'saccade_frames_received_total',
    'saccade_frames_dropped_total',
    'saccade_stage_busy_seconds_total',
    'saccade_queue_depth',
    'saccade_stream_lag_seconds',
    'saccade_stream_up',
    'saccade_stream_last_frame_timestamp_seconds',
    'saccade_stream_reconnects_total',
  ]) {
    expect(names).toContain(name);
  }
});
