import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addModel, GraphBuilder, ModelServer } from '../../../cascade/index.ts';
import { encodeImage } from '../../../ingest/index.ts';
import { type RunningServer, type ServeOptions, startServer } from '../../../serve/index.ts';
import { deploy } from '../../../streams-dsl/index.ts';
import { tinyBinary, tinyYolox } from '../../cascade/models/tiny-onnx.ts';

/** A server of small models over HTTP and gRPC. */
export interface ProtocolServer extends AsyncDisposable {
  readonly server: RunningServer;
  readonly models: ModelServer;
  /** `host:port` of HTTP. */
  readonly address: string;
}

/**
 * Starts a server of three models: `small`, `image` FP32 [-1, 3, 50, 50] → `score` FP32 [-1, 1], the sigmoid of the mean of
 * all values; `boxes`, a detector that finds a `thing` of the score of the picture's brightness; `one`, `image` FP32
 * [-1, 1, 1, 1] → `confidence` FP32 [-1], the value divided by 255.
 */
export async function startProtocolServer(options: Omit<ServeOptions, 'deployment'> = {}): Promise<ProtocolServer> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-protocols-'));
  const add = async (name: string, bytes: Uint8Array, head: string, labels: readonly string[]): Promise<void> => {
    const onnxPath = join(folder, `${name}.onnx`);
    await writeFile(onnxPath, bytes);
    await addModel({ onnxPath, folder: join(folder, 'models'), name, head, labels });
  };
  await add('small', meanModel(), 'binary', ['bright']);
  // Of the cells of 8, 16 and 32 px the last one, which begins as unsure as the others.
  const cells = [...Array.from({ length: 83 }, () => [0, 0, 0, 0, -2, 0]), [0.5, 0.5, 0, 0, 0, 1]];
  await add('boxes', tinyYolox({ batch: 'N', width: 64, height: 64 }, cells), 'yolox', ['thing']);
  await add('one', tinyBinary({ batch: 'N', width: 1, height: 1, channels: 1 }), 'binary', ['bright']);
  const models = await ModelServer.open({ folder: join(folder, 'models') });
  const server = await startServer({ deployment: deploy([]), models, port: 0, grpcPort: 0, ...options });
  return {
    server,
    models,
    address: new URL(server.url).host,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await models[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A JPEG or PNG of one gray, 0–255, of 16×12 px. */
export async function grayPicture(gray: number, format: 'jpeg' | 'png' = 'jpeg'): Promise<Uint8Array> {
  const bytes = new Uint8Array(16 * 12 * 3).fill(gray);
  return encodeImage({ width: 16, height: 12, bytes }, format === 'png' ? { format } : { format, quality: 95 });
}

/** The number that `small` answers for values of this mean. */
export function smallScore(mean: number): number {
  return 1 / (1 + Math.exp(-mean));
}

function meanModel(): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input('image', 'float32', ['N', 3, 50, 50]);
  const mean = graph.op('ReduceMean', [image], { axes: [1, 2, 3], keepdims: 0 });
  const score = graph.op('Sigmoid', [graph.op('Reshape', [mean, graph.int64(-1, 1)])]);
  graph.output('score', 'float32', ['N', 1], score);
  return graph.toBytes();
}
