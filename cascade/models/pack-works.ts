import type { Picture } from './model-input.ts';
import type { ModelWork, NamedTensor } from './model-work.ts';

/**
 * Works as they cross to a model worker: all their bytes in one array, since the channel serializes each array by calls of
 * its own.
 */
export interface PackedWorks {
  readonly heads: readonly PackedHead[];
  readonly bytes: Uint8Array;
}

/** A work without its bytes, which follow each other in `PackedWorks.bytes`; a number: an image of this length. */
type PackedHead =
  | number
  | (Omit<Picture, 'bytes'> & { readonly length: number })
  | { readonly inputs: readonly PackedTensor[]; readonly outputs: readonly string[] | undefined };

type PackedTensor = Omit<NamedTensor, 'data'> & { readonly length: number };

/** Gathers the bytes of works; those of a single one are not copied. */
export function packWorks(works: readonly ModelWork[]): PackedWorks {
  const parts: Uint8Array[] = [];
  const heads = works.map((work): PackedHead => {
    if (work.kind === 'image') {
      parts.push(work.bytes);
      return work.bytes.length;
    }
    if (work.kind === 'picture') {
      const { width, height, frameWidth, frameHeight, bytes } = work.picture;
      parts.push(bytes);
      return { width, height, frameWidth, frameHeight, length: bytes.length };
    }
    const inputs = work.inputs.map(({ name, datatype, shape, data }) => {
      parts.push(data);
      return { name, datatype, shape, length: data.length };
    });
    return { inputs, outputs: work.outputs };
  });
  return { heads, bytes: joined(parts) };
}

/** The works again; their bytes are views. */
export function unpackWorks({ heads, bytes }: PackedWorks): ModelWork[] {
  let at = 0;
  const take = (length: number): Uint8Array => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  return heads.map((head): ModelWork => {
    if (typeof head === 'number') return { kind: 'image', bytes: take(head) };
    if ('inputs' in head) {
      const inputs = head.inputs.map(({ length, ...tensor }) => ({ ...tensor, data: take(length) }));
      return { kind: 'tensors', inputs, outputs: head.outputs };
    }
    const { length, ...picture } = head;
    return { kind: 'picture', picture: { ...picture, bytes: take(length) } };
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
