import { expect, it } from 'vitest';
import { cascadeErrors } from '../../cascade/index.ts';
import { ingestErrors, SaccadeError } from '../../ingest/index.ts';
import { replyError, serveErrors } from '../../serve/index.ts';

it('tells a client what it did wrong', () => {
  const error = serveErrors.create('SERVE_REQUEST_INVALID', { field: 'image', expected: 'an object', got: 'a list' });
  expect(replyError(error)).toEqual({
    status: 400,
    headers: {},
    body: {
      error:
        'The request is wrong at image: expected an object, got a list. Correct it there; GET /openapi.json shows what is expected.',
      code: 'SERVE_REQUEST_INVALID',
    },
  });
});

it('tells a client when to come again', () => {
  const full = cascadeErrors.create('CASCADE_MODEL_QUEUE_FULL', { model: 'spots', limit: 3 });
  expect(replyError(full)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(replyError(serveErrors.create('SERVE_STOPPING', {}))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
  });
});

it('tells nothing of this machine', () => {
  const told = (error: unknown): string => JSON.stringify(replyError(error, { requestId: 'r-1' }));
  for (const error of [
    new Error('boom at /home/me/secret.ts'),
    'text',
    null,
    ingestErrors.create('INGEST_FILE_NOT_FOUND', { path: '/home/me/secret.mp4', cwd: '/home/me' }),
    Object.assign(new Error('/home/me'), { statusCode: 500 }),
  ]) {
    expect(told(error)).not.toContain('/home');
    expect(replyError(error, { requestId: 'r-1' })).toMatchObject({
      status: 500,
      body: {
        code: error instanceof SaccadeError ? error.code : 'SERVE_FAILED',
        error: expect.stringContaining('request r-1'),
      },
    });
  }
  const missing = cascadeErrors.create('CASCADE_MODEL_NOT_FOUND', {
    reference: 'x',
    folder: '/home/me/models, which has',
    existing: 'a@1, b@2',
  });
  expect(replyError(missing)).toMatchObject({
    status: 404,
    body: { error: 'Model x was not found: expected one of a@1, b@2.' },
  });
  const failed = cascadeErrors.create('CASCADE_MODEL_RUN_FAILED', { model: 'x', reason: '/home/ort/gather.cc:7' });
  expect(replyError(failed)).toMatchObject({ status: 422, body: { error: 'Model x failed on a picture.' } });
});
