import { join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import type { ModelServer } from '../../cascade/index.ts';
import type { BearerTokens } from '../bearer-tokens.ts';
import { serveErrors } from '../errors.ts';
import { replyError } from '../http-error.ts';
import type { TlsMaterial } from '../http-server.ts';
import { packageFolder } from '../package-folder.ts';
import { grpcMethods } from './grpc-methods.ts';

/** How gRPC is served. */
export interface GrpcOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Null: none is asked for. */
  readonly tokens: BearerTokens | null;
  /** Null: without TLS. */
  readonly tls: TlsMaterial | null;
  /** Most bytes of a message, 1 or more, compressed or not. */
  readonly maxMessageBytes: number;
  /** Longest time that calls under way are waited for when the server is stopped, in ms. */
  readonly stopTimeoutMs: number;
  /** Told of what was not the client's fault. */
  readonly onFailure: (error: unknown, requestId: string) => void;
}

/** gRPC that is served. Dispose it to stop: calls under way are answered, as far as they are done in time. */
export interface RunningGrpc extends AsyncDisposable {
  /** Port that it listens on. */
  readonly port: number;
}

/** One call of the service: the request in, the response out. */
export type GrpcMethod = (
  request: never,
  call: { readonly signal: AbortSignal; readonly deadlineMs: number },
) => unknown;

/**
 * Serves the Open Inference Protocol v2 over gRPC (`inference.GRPCInferenceService`, see inference.proto).
 * @throws SERVE_ADDRESS_UNUSABLE - when it cannot listen there.
 */
export async function serveGrpc(models: ModelServer, options: GrpcOptions): Promise<RunningGrpc> {
  const { host, tls, maxMessageBytes, stopTimeoutMs } = options;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': -1,
  });
  const implementation = Object.entries(grpcMethods(models)).map(([name, method]) => [name, handler(method, options)]);
  server.addService(serviceDefinition(), Object.fromEntries(implementation) as UntypedServiceImplementation);
  const credentials =
    tls === null
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: tls.cert, private_key: tls.key }]);
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${shownHost}:${options.port}`, credentials, (cause, taken) => {
      if (cause === null) return resolve(taken);
      const reason = cause.message;
      reject(serveErrors.create('SERVE_ADDRESS_UNUSABLE', { host, port: options.port, reason }, { cause }));
    });
  });
  let stopping: Promise<void> | null = null;
  return {
    port,
    [Symbol.asyncDispose]: () => {
      stopping ??= stop(server, stopTimeoutMs);
      return stopping;
    },
  };
}

function serviceDefinition(): ServiceDefinition {
  const path = join(packageFolder(), 'serve', 'protocols', 'inference.proto');
  const definition: PackageDefinition = loadSync(path, { keepCase: true, longs: String, arrays: true });
  return definition['inference.GRPCInferenceService'] as ServiceDefinition;
}

function handler(method: GrpcMethod, { tokens, onFailure }: GrpcOptions): handleUnaryCall<never, unknown> {
  return (call, callback) => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort(new Error('The client gave the call up.')));
    const answer = async (): Promise<unknown> => {
      tokens?.check(authorization(call));
      return method(call.request, { signal: gone.signal, deadlineMs: timeLeftMs(call) });
    };
    answer().then(
      value => callback(null, value),
      (error: unknown) => {
        const { code, message } = grpcError(error);
        if (code === status.INTERNAL && !gone.signal.aborted) onFailure(error, 'of gRPC');
        callback({ code, details: message, metadata: new Metadata() });
      },
    );
  };
}

function authorization({ metadata }: ServerUnaryCall<never, unknown>): string | undefined {
  const [value] = metadata.get('authorization');
  return typeof value === 'string' ? value : undefined;
}

/** Time until the deadline that the client set, in ms, above 0; infinite when it set none. */
function timeLeftMs(call: ServerUnaryCall<never, unknown>): number {
  const deadline = call.getDeadline();
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return Number.isFinite(atMs) ? Math.max(atMs - Date.now(), 0.001) : Number.POSITIVE_INFINITY;
}

const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** What a client is told of an error: as over HTTP, in the codes of gRPC. */
function grpcError(error: unknown): { readonly code: status; readonly message: string } {
  const { status: http, body } = replyError(error, { requestId: 'of gRPC' });
  return { code: codes[http] ?? status.INTERNAL, message: body.error };
}

async function stop(server: Server, timeoutMs: number): Promise<void> {
  const deadline = setTimeout(() => server.forceShutdown(), timeoutMs);
  try {
    await new Promise<void>(resolve => server.tryShutdown(() => resolve()));
  } finally {
    clearTimeout(deadline);
  }
}
