import { z } from 'zod';

/** An ONNX file, `model.onnx`, run by onnxruntime. */
export interface OnnxEngineDeclaration {
  readonly kind: 'onnx';
}

/** A TensorFlow.js model, `tfjs/model.json` with its weights beside it, run by the TensorFlow.js that the user has installed. */
export interface TfjsEngineDeclaration {
  readonly kind: 'tfjs';
  /** `graph`: converted from TensorFlow; `layers`: of Keras, or saved by TensorFlow.js itself. */
  readonly format: 'graph' | 'layers';
}

/** A model of another server, asked over HTTP. */
export interface RemoteEngineDeclaration {
  readonly kind: 'remote';
  /** `oip-v2`: Open Inference Protocol (Triton, MLServer, KServe, Saccade); `tfs-v1`: REST of TensorFlow Serving. */
  readonly protocol: 'oip-v2' | 'tfs-v1';
  /** What comes before `/v2` or `/v1`, such as `http://10.0.0.5:8000`. */
  readonly url: string;
  /** Name of the model on that server. */
  readonly model: string;
  /** Its version there; with `tfs-v1` a text that is no number is a label. Default: the server's choice. */
  readonly version?: string | undefined;
  /** Where the bearer token is. Default: none is sent. */
  readonly token?: { readonly env: string } | { readonly file: string } | undefined;
  /** Longest time for a call in ms, second attempts included, 1–60,000. Default 5,000. */
  readonly timeoutMs: number;
}

/** The `engine` of a model.json, told apart by `kind`. */
export type EngineDeclaration = OnnxEngineDeclaration | TfjsEngineDeclaration | RemoteEngineDeclaration;

const text = z.string().min(1);

const url = text.refine(
  value => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) return false;
    return `${parsed.username}${parsed.password}${parsed.search}${parsed.hash}` === '';
  },
  { message: 'expected http:// or https:// without user, password or query' },
);

/** Schema of the `engine` of a model.json. */
export const engineSchema: z.ZodType<EngineDeclaration> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('onnx') }),
  z.strictObject({ kind: z.literal('tfjs'), format: z.enum(['graph', 'layers']) }),
  z.strictObject({
    kind: z.literal('remote'),
    protocol: z.enum(['oip-v2', 'tfs-v1']),
    url,
    model: text,
    version: text.optional(),
    token: z.union([z.strictObject({ env: text }), z.strictObject({ file: text })]).optional(),
    timeoutMs: z.int().min(1).max(60_000).default(5000),
  }),
]);
