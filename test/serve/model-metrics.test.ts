import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ModelServer } from '../../cascade/index.ts';
import { startServer } from '../../serve/index.ts';
import { deploy } from '../../streams-dsl/index.ts';
import { addBright, grayImage } from '../cascade/serving/small-models.ts';
import { call } from './call-server.ts';

it('measures the models that are served by themselves', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-model-metrics-'));
  const { declaration } = await addBright(folder);
  await using models = await ModelServer.open({ folder: join(folder, 'models') });
  await using deployment = deploy([]);
  await using server = await startServer({ deployment, models, port: 0 });
  for (const gray of [10, 20, 30]) await models.model('bright').ask({ kind: 'image', bytes: await grayImage(gray) });
  const broken = models.model('bright').ask({ kind: 'image', bytes: new Uint8Array(5) });
  await expect(broken).rejects.toMatchObject({ code: 'CASCADE_IMAGE_INVALID' });
  const { text } = await call(server, '/metrics');
  const labels = 'model="bright",version="1"';
  for (const line of [
    `saccade_model_calls_total{${labels}} 3`,
    `saccade_model_queue_depth{${labels}} 0`,
    `saccade_model_latency_seconds_bucket{${labels},le="+Inf"} 3`,
    `saccade_model_latency_seconds_count{${labels}} 3`,
    `saccade_batch_size_bucket{${labels},le="1"} 3`,
    `saccade_batch_size_sum{${labels}} 3`,
    `saccade_model_info{${labels},sha256="${declaration.sha256}",default="true"} 1`,
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  await rm(folder, { recursive: true, force: true });
});
