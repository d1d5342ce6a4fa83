import type { ModelResult } from '../models/model-work.ts';
import type { Asked } from './served-model.ts';

/** How a version that is shadowed compares with the one that answers. */
export interface ShadowComparison {
  readonly name: string;
  /** The version that answers. */
  readonly version: number;
  /** The version that is asked beside it. */
  readonly shadow: number;
  /** Share of the requests that it is asked, above 0 to 1. */
  readonly share: number;
  /** Requests that both answered. */
  readonly compared: number;
  /** Of these, those with the same answer, as {@link agrees} has it. */
  readonly agreed: number;
  /** Requests that the shadow failed, though the other one answered. */
  readonly failures: number;
  /** Time of the processes for their batches, mean of the compared requests, in ms; 0 before the first. */
  readonly meanModelMs: { readonly version: number; readonly shadow: number };
}

/** Scores from here on count as found: where a model has no threshold of its own. */
const FOUND = 0.5;
/** Tensors whose values differ by less agree: what another build or processor makes of the same sums. */
const SAME = 1e-3;

/**
 * Whether two answers say the same: confidences on the same side of 0.5; detections with a score from 0.5 on, of the same
 * labels as often; tensors with equal names and shapes, float32 values within 0.001, others equal.
 */
export function agrees(a: ModelResult, b: ModelResult): boolean {
  if (a.kind === 'confidence') return b.kind === 'confidence' && a.confidence >= FOUND === b.confidence >= FOUND;
  if (a.kind === 'detections') return b.kind === 'detections' && foundIn(a) === foundIn(b);
  if (b.kind !== 'tensors' || a.outputs.length !== b.outputs.length) return false;
  return a.outputs.every((output, i) => {
    const other = b.outputs[i];
    if (other === undefined || output.name !== other.name || output.datatype !== other.datatype) return false;
    if (output.shape.join() !== other.shape.join() || output.data.length !== other.data.length) return false;
    if (output.datatype !== 'FP32') return Buffer.compare(output.data, other.data) === 0;
    const [values, others] = [viewOf(output.data), viewOf(other.data)];
    for (let at = 0; at < output.data.length; at += 4) {
      if (!(Math.abs(values.getFloat32(at, true) - others.getFloat32(at, true)) <= SAME)) return false;
    }
    return true;
  });
}

/** Compares a version with its shadow. */
export class Shadow {
  readonly #names: Pick<ShadowComparison, 'name' | 'shadow' | 'share'>;
  #owed = 0;
  #compared = 0;
  #agreed = 0;
  #failures = 0;
  #versionMs = 0;
  #shadowMs = 0;

  constructor(names: Pick<ShadowComparison, 'name' | 'shadow' | 'share'>) {
    this.#names = names;
  }

  /** Whether the next request is one of the share; evenly spread, not drawn. */
  isNext(): boolean {
    this.#owed += this.#names.share;
    if (this.#owed < 1) return false;
    this.#owed -= 1;
    return true;
  }

  /** Waits for both answers and compares them; never rejects. */
  async compare(answering: Promise<Asked>, shadowing: Promise<Asked>): Promise<void> {
    const [version, shadow] = await Promise.allSettled([answering, shadowing]);
    if (version.status === 'rejected') return;
    if (shadow.status === 'rejected') {
      this.#failures++;
      return;
    }
    this.#compared++;
    this.#agreed += Number(agrees(version.value.answer, shadow.value.answer));
    this.#versionMs += version.value.modelMs;
    this.#shadowMs += shadow.value.modelMs;
  }

  /** What was found so far. @param version - The version that answers. */
  comparison(version: number): ShadowComparison {
    const [compared, agreed, failures] = [this.#compared, this.#agreed, this.#failures];
    const mean = (sum: number): number => (compared === 0 ? 0 : sum / compared);
    const meanModelMs = { version: mean(this.#versionMs), shadow: mean(this.#shadowMs) };
    return { ...this.#names, version, compared, agreed, failures, meanModelMs };
  }
}

function foundIn({ detections }: Extract<ModelResult, { kind: 'detections' }>): string {
  const labels = detections.flatMap(({ label, score }) => (score >= FOUND ? [label] : []));
  return labels.sort().join('\n');
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
