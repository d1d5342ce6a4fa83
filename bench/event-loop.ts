// Delay of the main process's event loop while the reference model runs on every frame.
//
// Usage: node dist/bench/event-loop.js
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { realFootage, syntheticFootage } from './bench-footage.ts';
import { type Query, realDetector, runReference, syntheticDetector } from './run-plan.ts';
import { printTable } from './table.ts';

const rows: Record<string, string | number>[] = [];

async function measure(name: string, path: string, query: Query): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const { stats, fps } = await runReference(path, query, { replicas: 2 });
  delay.disable();
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
  rows.push({
    footage: name,
    'frames/s': fps.toFixed(1),
    'reference calls': stats.referenceCalls,
    'delay p50, ms': ms(delay.percentile(50)),
    'p99, ms': ms(delay.percentile(99)),
    'max, ms': ms(delay.max),
  });
}

const synthetic = await syntheticDetector();
const predicate = { label: 'person', minScore: 0.5 };
const path = await syntheticFootage('30s-360p', { profile: 'busy', width: 640, height: 360, durationSeconds: 30 });
await measure('synthetic 360p, synthetic detector', path, { predicate, model: synthetic.folder });
const clip = realFootage('person-bicycle-car.mp4');
if (clip !== null) {
  const pvb = await realDetector('pvb_2003.onnx', 'pvb');
  await measure('person-bicycle-car.mp4, pvb_2003', clip, { predicate, model: pvb.folder });
}
printTable('Event-loop delay of the main process while two model workers answer every frame', rows);
