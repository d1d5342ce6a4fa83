import { AnswerAssembler, type LookColumns, lookKinds, looksPerChunk } from '../../cascade/index.ts';
import type { FrameIndex } from '../../ingest/index.ts';
import { median } from './median.ts';
import { processorUs } from './processor-clock.ts';

const frameCount = 3200;
const rounds = 5;

/**
 * What one decision costs in µs: an answer assembler fed with looks at every frame, as stream workers report them, and its
 * decisions turned into lines of JSON. Blocks for about 0.1 s.
 */
export function measureDecision(): number {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = processorUs();
    assemble();
    costs.push((processorUs() - started) / frameCount);
  }
  return median(costs);
}

/** Returns the length of the lines, so that none of the work is for nothing. */
function assemble(): number {
  const timestampsUs = Float64Array.from({ length: frameCount }, (_, frame) => frame * 40_000);
  const assembler = new AnswerAssembler({
    stream: 'profile',
    table: { timestampsUs, keyframes: Uint32Array.of(0) },
    predicate: { label: 'any', minScore: 0.5 },
    smoothingMs: 1000,
  });
  let length = 0;
  for (let from = 0; from < frameCount; from += looksPerChunk) {
    assembler.addLooks(looksFrom(from));
    assembler.settle({ from, to: from + looksPerChunk });
    for (const decision of assembler.take()) length += JSON.stringify(decision).length;
  }
  return length;
}

function looksFrom(from: FrameIndex): LookColumns {
  const count = looksPerChunk;
  return {
    frames: Uint32Array.from({ length: count }, (_, i) => from + i),
    kinds: new Uint8Array(count).fill(lookKinds.indexOf('rejected')),
    differences: Float64Array.from({ length: count }, (_, i) => i / 7),
    confidences: Float64Array.from({ length: count }, (_, i) => i / 64),
    comparedWith: Int32Array.from({ length: count }, (_, i) => from + i - 1),
  };
}
