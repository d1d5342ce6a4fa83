// Entry of a short-lived process: runs a tiny model on each device, says which of them work, and ends.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GraphBuilder } from '../models/onnx-graph.ts';
import { devices } from './device.ts';
import { sessionOptions } from './onnx-session.ts';
import type { DeviceState } from './usable-devices.ts';

const graph = new GraphBuilder();
const input = graph.input('input', 'float32', [2, 2]);
graph.output('output', 'float32', [2, 2], graph.op('MatMul', [input, input]));
const bytes = graph.toBytes();

for (const device of devices) {
  let reason = '';
  try {
    const session = await InferenceSession.create(bytes, sessionOptions({ device }));
    await session.run({ input: new Tensor('float32', new Float32Array(4), [2, 2]) });
  } catch (error) {
    // Messages begin with the place in onnxruntime's source; the cause is what comes last.
    const lines = (error instanceof Error ? error.message : String(error)).split('\n');
    const last = lines.map(line => line.trim()).findLast(line => line !== '') ?? 'unknown';
    reason = last.replace(/^.* was false\. /, '').replace(/\.$/, '');
  }
  const state: DeviceState = { device, isUsable: reason === '', reason };
  await new Promise(resolve => process.send?.(state, resolve));
}
process.exit(0);
