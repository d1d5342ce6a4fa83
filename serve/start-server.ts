import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { BearerTokens } from './bearer-tokens.ts';
import { checkServeOptions } from './check-serve-options.ts';
import { createApp } from './create-app.ts';
import { serveErrors } from './errors.ts';
import type { TlsMaterial } from './http-server.ts';
import { addModelMetrics } from './model-metrics.ts';
import { packageVersion } from './package-version.ts';
import { oipRoutes } from './protocols/oip-routes.ts';
import { type RunningGrpc, serveGrpc } from './protocols/serve-grpc.ts';
import { tfsRoutes } from './protocols/tfs-routes.ts';
import { queryRoutes } from './query-routes.ts';
import { RequestGuard } from './request-guard.ts';
import type { ServeOptions, ServeSettings, TlsFiles } from './serve-options.ts';
import { streamRoutes } from './stream-routes.ts';
import { versionRoutes } from './version-routes.ts';

/** A server that listens. Dispose it to stop: requests under way are answered, as far as they are done in time. */
export interface RunningServer extends AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where gRPC listens, such as `127.0.0.1:8081`; undefined when it does not. */
  readonly grpcAddress: string | undefined;
}

/** Connections that have become idle are closed so often while the server stops, in ms. */
const closeIdleEveryMs = 25;

/**
 * Starts a server; resolves when it listens, with the models of all queries started.
 * @throws SERVE_OPTION_INVALID, SERVE_NOT_LOOPBACK, SERVE_TOKEN_UNFIT, SINK_SECRET_MISSING, SERVE_TLS_UNUSABLE,
 *   SERVE_ADDRESS_UNUSABLE - when an option cannot be; what starting the models of a query throws.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const settings = checkServeOptions(options);
  const { deployment, host, port, maxRequests, stopTimeoutMs } = settings;
  const { models } = options;
  const tokens = options.token === undefined ? null : await BearerTokens.read(options.token);
  const tls = options.tls === undefined ? null : await readTls(options.tls);
  const guard = new RequestGuard({ tokens, maxRequests });
  const queries = await deployment.prepareRequests();
  const registry = new Registry();
  if (models !== undefined) addModelMetrics(registry, models);
  const plugins = [
    queryRoutes({ deployment, queries, registry }),
    streamRoutes(deployment),
    ...(models === undefined ? [] : [oipRoutes(models), tfsRoutes(models), versionRoutes(models)]),
  ];
  const app = await createApp({ settings, guard, registry, tls, version: packageVersion(), plugins });
  await listen(app, { host, port });
  const grpc = await startGrpc(options, { settings, tokens, tls }).catch(async (error: unknown) => {
    await stop(app, guard, 0);
    throw error;
  });
  const { port: taken } = app.server.address() as AddressInfo;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  let stopping: Promise<void> | null = null;
  return {
    url: `${tls === null ? 'http' : 'https'}://${shownHost}:${taken}`,
    grpcAddress: grpc && `${shownHost}:${grpc.port}`,
    [Symbol.asyncDispose]: () => {
      stopping ??= Promise.all([stop(app, guard, stopTimeoutMs), grpc?.[Symbol.asyncDispose]()]).then(() => undefined);
      return stopping;
    },
  };
}

async function startGrpc(
  { models, grpcPort }: ServeOptions,
  { settings, tokens, tls }: { settings: ServeSettings; tokens: BearerTokens | null; tls: TlsMaterial | null },
): Promise<RunningGrpc | undefined> {
  if (models === undefined || grpcPort === undefined) return undefined;
  const { host, maxBodyBytes, stopTimeoutMs, onFailure } = settings;
  return serveGrpc(models, {
    host,
    port: grpcPort,
    tokens,
    tls,
    maxMessageBytes: maxBodyBytes,
    stopTimeoutMs,
    onFailure,
  });
}

async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw serveErrors.create('SERVE_ADDRESS_UNUSABLE', { host, port, reason: cause.message }, { cause });
  }
}

async function readTls({ cert, key }: TlsFiles): Promise<TlsMaterial> {
  try {
    const material = { cert: await readFile(cert), key: await readFile(key) };
    createSecureContext(material);
    return material;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw serveErrors.create('SERVE_TLS_UNUSABLE', { cert, key, reason }, { cause });
  }
}

async function stop(app: FastifyInstance, guard: RequestGuard, timeoutMs: number): Promise<void> {
  const idle = setInterval(() => app.server.closeIdleConnections(), closeIdleEveryMs);
  const deadline = setTimeout(() => app.server.closeAllConnections(), timeoutMs);
  try {
    // It stops listening at once; `close` itself waits until the last connection has ended.
    await Promise.all([guard.stop(), app.close()]);
  } finally {
    clearInterval(idle);
    clearTimeout(deadline);
  }
}
