import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../serve/index.ts';
import { deploy } from '../../streams-dsl/index.ts';
import { call } from './call-server.ts';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

let server: RunningServer;
let document: { readonly openapi: string; readonly paths: Paths };

beforeAll(async () => {
  server = await startServer({ deployment: deploy([]), port: 0 });
  document = (await call(server, '/openapi.json')).body as unknown as typeof document;
});
afterAll(() => server[Symbol.asyncDispose]());

it('lists every path, with what each takes and answers', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).sort()).toEqual([
    '/healthz',
    '/metrics',
    '/readyz',
    '/v1/queries',
    '/v1/queries/{name}:predict',
    '/v1/streams',
    '/v1/streams/{id}',
    '/v1/streams/{id}:pause',
    '/v1/streams/{id}:resume',
    '/v1/streams/{id}:stop',
  ]);
  const ids: (string | undefined)[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { operationId, summary, parameters = [], responses } of Object.values(item)) {
      ids.push(operationId);
      expect(summary).toMatch(/^\w/);
      const inPath = parameters.filter(one => one.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(named);
      expect(inPath.every(({ required }) => required === true)).toBe(true);
      expect(Object.keys(responses)).toContain('200');
      for (const { description, content = {} } of Object.values(responses)) {
        expect(description).toMatch(/^\w/);
        expect(Object.keys(content)).toHaveLength(1);
      }
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
  const predict = document.paths['/v1/queries/{name}:predict']?.['post'];
  expect(Object.keys(predict?.requestBody?.content ?? {})).toEqual([
    'image/jpeg',
    'image/png',
    'application/octet-stream',
    'multipart/form-data',
    'application/json',
  ]);
  expect(JSON.stringify(document)).not.toContain('$ref');
});

it('is shown by pages that take nothing from elsewhere', async () => {
  const page = await call(server, '/docs');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/https?:/);
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(assets.length).toBeGreaterThan(3);
  for (const path of assets) {
    expect(path).toMatch(/^\/docs\/static\//);
    expect((await call(server, path)).status).toBe(200);
  }
});
