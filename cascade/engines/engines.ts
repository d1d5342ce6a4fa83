import type { Engine } from './engine.ts';
import type { EngineDeclaration } from './engine-declaration.ts';
import { onnxEngine } from './onnx-engine.ts';
import { remoteEngine } from './remote-engine.ts';
import { tfjsEngine } from './tfjs-engine.ts';

const table: {
  readonly [Kind in EngineDeclaration['kind']]: Engine<Extract<EngineDeclaration, { kind: Kind }>>;
} = {
  onnx: onnxEngine,
  tfjs: tfjsEngine,
  remote: remoteEngine,
};

/** The engine that a declaration names. */
export function engineOf({ kind }: EngineDeclaration): Engine<EngineDeclaration> {
  // Safe because an engine is only ever given declarations of its own kind.
  return table[kind] as Engine<EngineDeclaration>;
}
