import { createHash } from 'node:crypto';
import type { Engine } from './engine.ts';
import type { RemoteEngineDeclaration } from './engine-declaration.ts';
import type { Network, NetworkTensor, NetworkTensorInfo } from './network.ts';
import { OipProtocol } from './oip-protocol.ts';
import type { RemoteProtocol, RemoteTensors } from './remote-protocol.ts';
import { RemoteServer } from './remote-server.ts';
import { TfsProtocol } from './tfs-protocol.ts';

const protocols: {
  readonly [Name in RemoteEngineDeclaration['protocol']]: new (
    server: RemoteServer,
    declaration: RemoteEngineDeclaration,
  ) => RemoteProtocol;
} = { 'oip-v2': OipProtocol, 'tfs-v1': TfsProtocol };

/**
 * Asks another server. The hash is that of the protocol, url, model and version as JSON, keys in that order: it **does not
 * cover** the model there, which its owner may change at any time.
 */
export const remoteEngine: Engine<RemoteEngineDeclaration> = {
  file: 'model.json',
  async read(path, { protocol, url, model, version }) {
    const declared = JSON.stringify({ protocol, url, model, version });
    return { path, sha256: createHash('sha256').update(declared).digest('hex'), files: [] };
  },
  async load(_, declaration) {
    const server = await RemoteServer.open(declaration);
    try {
      const protocol = new protocols[declaration.protocol](server, declaration);
      return new RemoteNetwork(server, protocol, await protocol.describe());
    } catch (error) {
      server.close();
      throw error;
    }
  },
};

class RemoteNetwork implements Network {
  readonly inputs: readonly NetworkTensorInfo[];
  readonly outputs: readonly NetworkTensorInfo[];
  readonly #server: RemoteServer;
  readonly #protocol: RemoteProtocol;

  constructor(server: RemoteServer, protocol: RemoteProtocol, { inputs, outputs }: RemoteTensors) {
    this.#server = server;
    this.#protocol = protocol;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  async run(
    feeds: Readonly<Record<string, NetworkTensor>>,
    outputs: readonly string[],
  ): Promise<readonly NetworkTensor[]> {
    const wanted = this.outputs.filter(({ name }) => outputs.includes(name));
    const tensors = await this.#protocol.run({ feeds, outputs: wanted });
    return outputs.flatMap(name => tensors[wanted.findIndex(info => info.name === name)] ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
  }
}
