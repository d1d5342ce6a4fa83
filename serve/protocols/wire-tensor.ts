import type { NamedTensor } from '../../cascade/index.ts';

/** A tensor whose elements are bytes of any length: pictures on the way in, texts on the way out. */
export interface BytesTensor {
  readonly name: string;
  readonly datatype: 'BYTES';
  readonly shape: readonly number[];
  /** Row-major; as many as the shape says. */
  readonly elements: readonly Uint8Array[];
}

/** Any tensor of the Open Inference Protocol. */
export type WireTensor = NamedTensor | BytesTensor;
