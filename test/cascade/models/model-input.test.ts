import { describe, expect, test } from 'vitest';
import type { ModelInput } from '../../../cascade/models/input-declaration.ts';
import { inputWriter, type Picture, pictureRequest } from '../../../cascade/models/model-input.ts';
import { randomBytes, seeded } from '../random.ts';

function input(fields: Partial<ModelInput> & { width?: number; height?: number }): ModelInput {
  const { width = 8, height = 6, ...rest } = fields;
  const channels = rest.channelOrder === 'GRAY' ? 1 : 3;
  return {
    name: 'image',
    dtype: 'float32',
    layout: 'NCHW',
    channelOrder: 'RGB',
    normalization: { mean: [], scale: [] },
    resize: { mode: 'stretch' },
    shape: rest.layout === 'NHWC' ? ['N', height, width, channels] : ['N', channels, height, width],
    ...rest,
  };
}

// First, while the loops have seen one type of tensor only, as in a worker.
test('a picture of 640x640 is written in about a millisecond', () => {
  const writer = inputWriter(input({ width: 640, height: 640, channelOrder: 'BGR' }));
  const target = new Float32Array(writer.pictureLength);
  const bytes = randomBytes(640 * 640 * 3, seeded(2));
  const picture = { width: 640, height: 640, bytes, frameWidth: 640, frameHeight: 640 };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 30; i++) {
    const started = performance.now();
    writer.write(target, 0, picture);
    best = Math.min(best, performance.now() - started);
  }
  console.info(`640x640 RGB to planar BGR floats: ${best.toFixed(2)} ms`);
  expect(best).toBeLessThan(10);
});

describe('pictureRequest', () => {
  const letterbox = (width: number, height: number): ModelInput =>
    input({ width, height, resize: { mode: 'letterbox', pad: 114 } });

  test.each([
    [letterbox(416, 416), { width: 768, height: 432 }, { width: 416, height: 234, format: 'rgb' }],
    [letterbox(1280, 736), { width: 352, height: 288 }, { width: 900, height: 736, format: 'rgb' }],
    [letterbox(416, 416), { width: 416, height: 416 }, { width: 416, height: 416, format: 'rgb' }],
    [letterbox(416, 416), { width: 10_000, height: 1 }, { width: 416, height: 1, format: 'rgb' }],
    [input({ width: 864, height: 480 }), { width: 768, height: 432 }, { width: 864, height: 480, format: 'rgb' }],
    [
      input({ width: 9, height: 7, channelOrder: 'GRAY' }),
      { width: 768, height: 432 },
      { width: 9, height: 7, format: 'gray' },
    ],
    [
      input({ width: 9, height: 7, layout: 'NHWC' }),
      { width: 768, height: 432 },
      { width: 9, height: 7, format: 'rgb' },
    ],
  ] as const)('%#', (declared, frame, expected) => {
    expect(pictureRequest({ input: declared }, frame)).toEqual(expected);
  });
});

describe('inputWriter', () => {
  const cases = (['NCHW', 'NHWC'] as const).flatMap(layout =>
    (['RGB', 'BGR', 'GRAY'] as const).flatMap(channelOrder =>
      (['float32', 'uint8'] as const).flatMap(dtype =>
        [{ mode: 'stretch' } as const, { mode: 'letterbox', pad: 7 } as const].map(resize => ({
          layout,
          channelOrder,
          dtype,
          resize,
        })),
      ),
    ),
  );

  test.each(cases)('$layout $channelOrder $dtype $resize.mode agrees with a naive oracle', fields => {
    const channels = fields.channelOrder === 'GRAY' ? 1 : 3;
    const normalized = fields.dtype === 'float32';
    const mean = normalized ? [10, 20, 30].slice(0, channels) : [];
    const scale = normalized ? [0.5, 0.25, 2].slice(0, channels) : [];
    const declared = input({ ...fields, normalization: { mean, scale } });
    const frame = { width: 64, height: 24 };
    const wanted = pictureRequest({ input: declared }, frame);
    const bytes = randomBytes(wanted.width * wanted.height * channels, seeded(5));
    const picture: Picture = { ...wanted, bytes, frameWidth: frame.width, frameHeight: frame.height };
    const writer = inputWriter(declared);
    const length = 3 * channels * 48;
    const target = fields.dtype === 'uint8' ? new Uint8Array(length).fill(99) : new Float32Array(length).fill(99);
    expect(writer.pictureLength).toBe(channels * 48);
    expect(writer.write(target, 1, picture)).toEqual({ width: wanted.width, height: wanted.height });
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 8; x++) {
        for (let channel = 0; channel < channels; channel++) {
          const source = fields.channelOrder === 'BGR' ? 2 - channel : channel;
          const covered = x < wanted.width && y < wanted.height;
          const byte = covered ? (bytes[(y * wanted.width + x) * channels + source] ?? 0) : 7;
          const expected = (byte - (mean[channel] ?? 0)) * (scale[channel] ?? 1);
          const index = fields.layout === 'NCHW' ? (channel * 6 + y) * 8 + x : (y * 8 + x) * channels + channel;
          expect(target[writer.pictureLength + index]).toBe(expected);
        }
      }
    }
    expect(target.subarray(0, writer.pictureLength).every(value => value === 99)).toBe(true);
    expect(target.subarray(2 * writer.pictureLength).every(value => value === 99)).toBe(true);
  });

  test.each([
    { width: 8, height: 5, bytes: 8 * 5 * 3 },
    { width: 8, height: 6, bytes: 8 * 6 },
  ])('refuses a picture of another size: %j', ({ width, height, bytes }) => {
    const picture = { width, height, bytes: new Uint8Array(bytes), frameWidth: 64, frameHeight: 24 };
    expect(() => inputWriter(input({})).write(new Float32Array(144), 0, picture)).toThrow(
      expect.objectContaining({
        code: 'CASCADE_PICTURE_SIZE',
        message: expect.stringContaining('expected 8x6 px rgb (144 bytes), got 8x'),
      }),
    );
  });
});
