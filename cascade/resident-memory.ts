/** Age of a reading that is still good in ms: a reading opens a file, and is wanted with every message. */
const maxAgeMs = 500;

let last = { bytes: 0, readMs: Number.NEGATIVE_INFINITY };

/** Resident memory of this process in bytes, read at most every half second. */
export function residentMemory(): number {
  const nowMs = performance.now();
  if (nowMs - last.readMs > maxAgeMs) last = { bytes: process.memoryUsage.rss(), readMs: nowMs };
  return last.bytes;
}
