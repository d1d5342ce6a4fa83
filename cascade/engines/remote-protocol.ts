import type { NetworkTensor, NetworkTensorInfo } from './network.ts';

/** What a server says of a model. */
export interface RemoteTensors {
  readonly inputs: readonly NetworkTensorInfo[];
  readonly outputs: readonly NetworkTensorInfo[];
}

/** One run of a model, as its server is asked for it. */
export interface RemoteRun {
  readonly feeds: Readonly<Record<string, NetworkTensor>>;
  /** The outputs wanted, as the server describes them. */
  readonly outputs: readonly NetworkTensorInfo[];
}

/** How a server of one protocol is asked about one model. */
export interface RemoteProtocol {
  /** Asks what the model takes and gives; first of all. @throws what asking throws; CASCADE_REMOTE_ANSWER_INVALID. */
  describe(): Promise<RemoteTensors>;
  /** Runs it; outputs come in the order asked for. @throws what asking throws; CASCADE_REMOTE_ANSWER_INVALID. */
  run(run: RemoteRun): Promise<readonly NetworkTensor[]>;
}
