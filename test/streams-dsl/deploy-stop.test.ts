import { expect, it } from 'vitest';
import { deploy, type EncodedFrame, frames, pipeline, type SinkFactory } from '../../streams-dsl/index.ts';
import { keepRows } from './small-scene.ts';

function* endless(): Generator<EncodedFrame> {
  for (let i = 0; ; i++) yield { image: new Uint8Array(8), timestampUs: i };
}

it('stops what is still starting before its first frame, and closes its sinks', async () => {
  const rows: unknown[] = [];
  const kept = keepRows(rows);
  const log: string[] = [];
  const sink: SinkFactory<unknown> = {
    ...kept,
    open: async () => {
      const opened = await kept.open();
      // As Ctrl-C does while models are loaded.
      deployment.stop();
      return { ...opened, [Symbol.asyncDispose]: async () => void log.push('closed') };
    },
  };
  await using deployment = deploy(pipeline('endless', frames(endless()), sink));
  const { streams, pipelines } = await deployment.run();
  expect({ streams, pipelines }).toMatchObject({ streams: [{ frames: 0, state: 'ended' }], pipelines: [{ rows: 0 }] });
  expect([rows, log]).toEqual([[], ['closed']]);
});
