import type { ModelServer } from '../../cascade/index.ts';
import { grpcInferResponse, plainParameters, readGrpcInferRequest } from './grpc-infer.ts';
import type {
  ModelInferRequest,
  ModelNameRequest,
  RepositoryIndexRequest,
  RepositoryModelRequest,
} from './grpc-messages.ts';
import { infer } from './infer.ts';
import { loadModel, readVersion, versionsOf } from './model-version.ts';
import { modelMetadata, repositoryEntry, serverMetadata } from './oip-metadata.ts';
import { isReady, refuseForeignModel } from './oip-routes.ts';
import { modelStatistics } from './oip-statistics.ts';

/** What is known of a call beside its request. */
export interface GrpcCall {
  /** Aborts when the client gives the call up. */
  readonly signal: AbortSignal;
  /** Time until the deadline that the client set, in ms, above 0; infinite when it set none. */
  readonly deadlineMs: number;
}

/** The calls of the service by their names; each throws what the routes of HTTP throw. */
export interface GrpcMethods {
  ServerLive(): unknown;
  ServerReady(): unknown;
  ServerMetadata(): unknown;
  ModelReady(request: ModelNameRequest): unknown;
  ModelMetadata(request: ModelNameRequest): unknown;
  ModelInfer(request: ModelInferRequest, call: GrpcCall): unknown;
  ModelStatistics(request: ModelNameRequest): unknown;
  RepositoryIndex(request: RepositoryIndexRequest): unknown;
  RepositoryModelLoad(request: RepositoryModelRequest): unknown;
  RepositoryModelUnload(request: RepositoryModelRequest): unknown;
}

/** Answers the calls of the service; each throws what the routes of HTTP throw. */
export function grpcMethods(models: ModelServer): GrpcMethods {
  return {
    ServerLive: () => ({ live: true }),
    ServerReady: async () => ({ ready: await isReady(models) }),
    ServerMetadata: () => serverMetadata,
    ModelReady: async ({ name = '', version }) => {
      const versions = await versionsOf(models, name, readVersion(version));
      return { ready: versions.some(({ state }) => state === 'AVAILABLE') };
    },
    ModelMetadata: async ({ name = '', version }) => {
      const model = models.model(name, readVersion(version));
      return modelMetadata(model, await versionsOf(models, name, undefined));
    },
    ModelInfer: async (request, call) => {
      const { model_name: name = '', model_version: version } = request;
      const model = models.model(name, readVersion(version));
      const { id, inputs, outputs, deadlineMs = Number.POSITIVE_INFINITY } = readGrpcInferRequest(request);
      const names = outputs?.map(output => output.name);
      const limitMs = Math.min(deadlineMs, call.deadlineMs);
      const options = { signal: call.signal, ...(Number.isFinite(limitMs) && { deadlineMs: limitMs }) };
      return grpcInferResponse(name, await infer(model, inputs, names, options), id);
    },
    ModelStatistics: async ({ name = '', version }) => {
      if (name === '') return modelStatistics(models);
      return modelStatistics(models, await versionsOf(models, name, readVersion(version)));
    },
    RepositoryIndex: async ({ ready = false }) => {
      const entries = (await models.index()).map(repositoryEntry);
      return { models: ready ? entries.filter(({ state }) => state === 'READY') : entries };
    },
    RepositoryModelLoad: async ({ model_name: name = '', parameters }) => {
      refuseForeignModel(plainParameters(parameters));
      await loadModel(models, name);
      return {};
    },
    RepositoryModelUnload: async ({ model_name: name = '' }) => {
      await models.unload(name);
      return {};
    },
  };
}
