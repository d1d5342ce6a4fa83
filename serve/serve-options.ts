import type { ModelServer } from '../cascade/index.ts';
import type { SecretSource } from '../sinks/index.ts';
import type { Deployment } from '../streams-dsl/index.ts';

/** A certificate and its key, as paths of PEM files; the certificate with its chain. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What is served, and how. */
export interface ServeOptions {
  /** Its pipelines whose source is `request()` are queries; its streams are shown. Stays the caller's. */
  readonly deployment: Deployment;
  /** Models that are served by themselves, by the Open Inference Protocol and TensorFlow Serving's. Stays the caller's. */
  readonly models?: ModelServer | undefined;
  /** Port of gRPC for `models`, on the same address, token and certificate; 0: any that is free. Default: no gRPC. */
  readonly grpcPort?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`; any that is not loopback needs a token. */
  readonly host?: string;
  /** 0: any that is free. Default 8080. */
  readonly port?: number;
  /** Where the bearer token is; in a file, several may stand, one a line. Default: none is asked for. */
  readonly token?: SecretSource | undefined;
  /** Default: plain HTTP. */
  readonly tls?: TlsFiles | undefined;
  /** Most bytes of a body, 1 or more. Default 32 MiB: a PNG of a 4K frame. */
  readonly maxBodyBytes?: number;
  /** Longest time from the first byte of a request to its last one in ms, 1 or more. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Most requests a second of one address, 1 or more; null: any number. Default null. */
  readonly rateLimit?: number | null;
  /** Most requests that are unanswered at once, 1 or more; more are turned away. Default 1024. */
  readonly maxRequests?: number;
  /** Longest time that requests under way are waited for when the server is stopped, in ms, 0 or more. Default 10,000. */
  readonly stopTimeoutMs?: number;
  /** Told of what was not the client's fault: the client itself gets only the request's id. Default: nothing. */
  readonly onFailure?: ((error: unknown, requestId: string) => void) | undefined;
}

/** Settings of which each is given. */
export interface ServeSettings
  extends Required<Omit<ServeOptions, 'token' | 'tls' | 'models' | 'grpcPort' | 'onFailure'>> {
  readonly onFailure: (error: unknown, requestId: string) => void;
}
