import { expect, test } from 'vitest';
import { devices } from '../../../cascade/engines/device.ts';
import { createSession } from '../../../cascade/engines/onnx-session.ts';
import { usableDevices } from '../../../cascade/engines/usable-devices.ts';
import { LoadedModel } from '../../../cascade/models/loaded-model.ts';
import { ModelPool } from '../../../cascade/models/model-pool.ts';
import { storeModel } from '../models/model-folder.ts';
import { tinyBinary } from '../models/tiny-onnx.ts';

const picture = { width: 8, height: 6, bytes: new Uint8Array(144).fill(51), frameWidth: 64, frameHeight: 48 };

test('each device is tried: usable ones give the answer of the CPU, the others a clear error', {
  timeout: 60_000,
}, async () => {
  const states = await usableDevices();
  expect(states.map(({ device }) => device)).toEqual(devices);
  expect(states[0]).toEqual({ device: 'cpu', isUsable: true, reason: '' });
  const usable = states.filter(({ isUsable }) => isUsable).map(({ device }) => device);
  const stored = await storeModel(tinyBinary({ batch: 'N', width: 8, height: 6 }), { head: 'binary', labels: ['a'] });
  for (const { device, isUsable, reason } of states) {
    if (isUsable) {
      await using model = await LoadedModel.load(stored, { device });
      expect(await model.confidences([picture])).toEqual([expect.closeTo(0.2, 3)]);
      continue;
    }
    expect(reason).toMatch(/^[^\n]+$/);
    await expect(LoadedModel.load(stored, { device })).rejects.toMatchObject({
      code: 'CASCADE_DEVICE_UNAVAILABLE',
      message: expect.stringContaining(`This machine has: ${usable.join(', ')}.`),
    });
  }
});

test('a model worker is refused a device that the machine lacks, and a bad model is not blamed on the device', async () => {
  const states = await usableDevices();
  const lacking = states.find(({ isUsable }) => !isUsable);
  if (lacking !== undefined) {
    const model = await storeModel(tinyBinary({ batch: 'N', width: 8, height: 6 }), { head: 'binary', labels: ['a'] });
    const starting = ModelPool.start({ model, produces: 'confidence', device: lacking.device });
    await expect(starting).rejects.toMatchObject({ code: 'CASCADE_DEVICE_UNAVAILABLE' });
  }
  await expect(createSession(Buffer.from('junk'), 'junk.onnx', { device: 'cpu' })).rejects.toMatchObject({
    code: 'CASCADE_MODEL_NOT_ONNX',
  });
});
