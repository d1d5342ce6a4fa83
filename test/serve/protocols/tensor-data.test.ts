import { describe, expect, it } from 'vitest';
import { bytesPerValue } from '../../../cascade/index.ts';
import { joinBytes, splitBytes } from '../../../serve/protocols/bytes-elements.ts';
import { flattenValues, nestValues } from '../../../serve/protocols/flatten-values.ts';
import { fromHalf, toHalf } from '../../../serve/protocols/half-float.ts';
import { parseRelaxedJson } from '../../../serve/protocols/relaxed-json.ts';
import { packValues, tensorDatatypes, valuesJson } from '../../../serve/protocols/tensor-data.ts';

const wrong = (message: string): unknown =>
  expect.objectContaining({ code: 'SERVE_REQUEST_INVALID', message: expect.stringContaining(message) });

describe('values', () => {
  // Bytes by hand, little-endian, from the definitions of the types.
  it.each([
    ['BOOL', [true, false], '0100'],
    ['UINT8', [0, 255], '00ff'],
    ['UINT16', [258, 65535], '0201ffff'],
    ['UINT32', [1, 4294967295], '01000000ffffffff'],
    ['UINT64', ['18446744073709551615', 1], 'ffffffffffffffff0100000000000000'],
    ['INT8', [-128, 127], '807f'],
    ['INT16', [-2, 32767], 'feffff7f'],
    ['INT32', [-1, 2147483647], 'ffffffffffffff7f'],
    ['INT64', [-1, '9223372036854775807'], 'ffffffffffffffffffffffffffffff7f'],
    ['FP16', [1, -2, 65504, 'Infinity'], '003c00c0ff7b007c'],
    ['FP32', [1, -0.5, '-Infinity'], '0000803f000000bf000080ff'],
    ['FP64', [1, 'Infinity'], '000000000000f03f000000000000f07f'],
  ] as const)('of %s are packed and written again', (datatype, values, hex) => {
    const bytes = packValues(datatype, values, 'data');
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
    expect(valuesJson(datatype, bytes)).toBe(`[${values.join(',')}]`);
    // Out of a message they are not aligned.
    const shifted = new Uint8Array(bytes.byteLength + 1);
    shifted.set(bytes, 1);
    expect(valuesJson(datatype, shifted.subarray(1))).toBe(`[${values.join(',')}]`);
    expect(bytes.byteLength / values.length).toBe(bytesPerValue(datatype));
  });

  it.each([
    ['BOOL', 1],
    ['UINT8', 256],
    ['UINT8', -1],
    ['INT8', 1.5],
    ['INT16', '3'],
    ['UINT32', 2 ** 32],
    ['INT32', null],
    ['INT64', 2 ** 60],
    ['INT64', '9223372036854775808'],
    ['UINT64', -1],
    ['UINT64', '1e3'],
    ['FP16', 'nan'],
    ['FP32', true],
    ['FP32', [1]],
    ['FP64', '1'],
  ] as const)('of %s do not take %j', (datatype, value) => {
    expect(() => packValues(datatype, [packable(datatype), value], 'data')).toThrow(wrong('data[1]') as Error);
  });

  it('has every type of the protocol', () => {
    expect([...tensorDatatypes].sort()).toEqual(
      'BOOL FP16 FP32 FP64 INT16 INT32 INT64 INT8 UINT16 UINT32 UINT64 UINT8'.split(' '),
    );
  });
});

describe('half-precision numbers', () => {
  it('come back as they were, all 65,536 of them', () => {
    for (let half = 0; half < 65_536; half++) {
      const value = fromHalf(half);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else if (toHalf(value) !== half) throw new Error(`${half} became ${toHalf(value)}`);
    }
  });

  it('are the nearest ones, ties to even', () => {
    // Between two neighbors: below the middle, in it, above it.
    for (let half = 0; half < 0x7bff; half += 7) {
      const [low, high] = [fromHalf(half), fromHalf(half + 1)];
      const middle = (low + high) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      const step = (high - low) / 64;
      expect([toHalf(middle - step), toHalf(middle), toHalf(middle + step)]).toEqual([half, even, half + 1]);
    }
    expect([toHalf(65_519), toHalf(65_520), toHalf(2 ** -26), toHalf(-(2 ** -24))]).toEqual([
      0x7bff, 0x7c00, 0, 0x8001,
    ]);
  });
});

describe('nested values', () => {
  it('are flattened row-major, and nested again', () => {
    const nested = [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [7, 8, 9],
        [10, 11, 12],
      ],
    ];
    const { shape, values } = flattenValues(nested, 'data');
    expect(shape).toEqual([2, 2, 3]);
    expect(values).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(nestValues(values, shape)).toEqual(nested);
    expect(flattenValues(5, 'data')).toEqual({ shape: [], values: [5] });
    expect(nestValues([5], [])).toBe(5);
    expect(nestValues([], [0, 3])).toEqual([]);
    expect(nestValues([], [2, 0])).toEqual([[], []]);
  });

  it.each([[[[1, 2], [3]]], [[[1], 2]], [[1, [2]]], [[[[1]], [[1, 2]]]]])('are not ragged: %j', nested => {
    expect(() => flattenValues(nested, 'data')).toThrow(wrong('equal shape') as Error);
  });

  it('are not deep', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    expect(() => flattenValues(deep, 'data')).toThrow(wrong('at most 16 dimensions') as Error);
  });
});

describe('JSON', () => {
  it('takes bare NaN and Infinity, but not within texts', () => {
    const text = '{"a": [NaN, -Infinity,Infinity], "NaN \\"Infinity": "say \\\\", "b": "NaN"}';
    const expected = { a: ['NaN', '-Infinity', 'Infinity'], 'NaN "Infinity': 'say \\', b: 'NaN' };
    expect(parseRelaxedJson(text)).toEqual(expected);
  });

  it.each(['', '{', '[NaN', '{"a": NaNa}', '-NaN', 'nan', '"\\', '{"a": "Infinity}', '[1,]'])('refuses %j', text => {
    expect(() => parseRelaxedJson(text)).toThrow(wrong('body: expected JSON') as Error);
  });

  it('refuses hostile texts in a time that grows with their length only', () => {
    const started = performance.now();
    for (const part of ['"\\', 'NaN"', '\\"', '[NaN,"', '-']) {
      expect(() => parseRelaxedJson(`{${part.repeat(2_000_000 / part.length)}`)).toThrow();
    }
    // Some 0.1 s; anything quadratic takes hours.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('elements of BYTES', () => {
  it('are split without a copy, and joined again', () => {
    const parts = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
    const joined = joinBytes(parts);
    expect(Buffer.from(joined).toString('hex')).toBe(`03000000${'6f6e65'}00000000${'05000000'}7468726565`);
    const split = splitBytes(joined, 3, 'data');
    expect(split.map(part => Buffer.from(part).toString())).toEqual(['one', '', 'three']);
    expect(split.every(part => part.buffer === joined.buffer)).toBe(true);
  });

  it.each([
    ['0300', 1, '4 bytes of length'],
    ['03000000aa', 1, 'a length of 3'],
    ['ffffffff', 1, 'a length of 4294967295'],
    ['01000000aa', 2, '2 elements, got 1'],
    ['01000000aa01000000bb', 1, 'bytes after the last'],
  ])('do not come out of %s', (hex, count, message) => {
    expect(() => splitBytes(Buffer.from(hex, 'hex'), count, 'data')).toThrow(wrong(message) as Error);
  });
});

function packable(datatype: string): unknown {
  return datatype === 'BOOL' ? true : 1;
}
