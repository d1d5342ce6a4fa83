import { describe, expect, it } from 'vitest';
import { type ModelInput, pictureRequest, type StoredModel } from '../../cascade/index.ts';
import { requestsFor } from '../../streams-dsl/runtime/frame-protocol.ts';
import { exactly, modelNeed } from '../../streams-dsl/runtime/picture-needs.ts';

describe('the pictures that cross', () => {
  it.each(['stretch', 'letterbox'] as const)('have the size that a model asks for: %s', mode => {
    const resize = mode === 'stretch' ? { mode } : { mode, pad: 114 };
    for (const layout of ['NCHW', 'NHWC'] as const) {
      const shape = layout === 'NCHW' ? ['N', 3, 352, 640] : ['N', 352, 640, 3];
      const input = {
        name: 'x',
        shape,
        dtype: 'float32',
        layout,
        channelOrder: 'RGB',
        resize,
      } as unknown as ModelInput;
      const need = modelNeed({ declaration: { input } } as StoredModel);
      for (const [width, height] of [
        [640, 360],
        [1920, 1080],
        [480, 854],
        [3, 4000],
        [100, 1],
        [640, 352],
      ] as const) {
        expect(requestsFor([need], { width, height })).toEqual([pictureRequest({ input }, { width, height })]);
      }
    }
  });

  it('are each scaled once', () => {
    const gray = exactly({ width: 8, height: 8, format: 'gray' });
    const rgb = exactly({ width: 8, height: 8, format: 'rgb' });
    const { keepsAspect: _, ...request } = gray;
    expect(requestsFor([gray, rgb, gray, { ...gray, keepsAspect: true }], { width: 50, height: 50 })).toEqual([
      request,
      { ...request, format: 'rgb' },
    ]);
  });
});
