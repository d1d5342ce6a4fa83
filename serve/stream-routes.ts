import type { FastifyPluginAsync } from 'fastify';
import { SaccadeError } from '../ingest/index.ts';
import type { Deployment, StreamStatus } from '../streams-dsl/index.ts';
import { serveErrors } from './errors.ts';
import { streamActionSchema, streamSchema, streamsSchema } from './stream-schemas.ts';

/** What a stream does, over all who read it. */
export interface StreamBody {
  readonly id: string;
  readonly state: StreamStatus['state'];
  /** What its camera does; null: it has none. */
  readonly camera: string | null;
  /** Frames that have entered the pipelines, of the reading that is furthest. */
  readonly frames: number;
  readonly inFlight: number;
  readonly dropped: StreamStatus['dropped'];
  readonly lagMs: number | null;
  /** Steps that read it. */
  readonly readings: number;
  /** Code of what ended it early; null: nothing did. */
  readonly errorCode: string | null;
}

const actions = { pause: 'pause', resume: 'resume', stop: 'end' } as const;

/** `GET /v1/streams`, `GET /v1/streams/{id}` and `POST /v1/streams/{id}:pause`, `:resume` and `:stop`. */
export function streamRoutes(deployment: Deployment): FastifyPluginAsync {
  const find = (id: string): StreamBody => {
    const all = streamsOf(deployment);
    const found = all.find(one => one.id === id);
    if (found !== undefined) return found;
    const known = all.map(one => one.id).join(', ') || 'none';
    throw serveErrors.create('SERVE_STREAM_UNKNOWN', { name: id, known });
  };
  return async app => {
    app.get('/v1/streams', { schema: streamsSchema }, () => ({ streams: streamsOf(deployment) }));
    app.get<{ Params: { id: string } }>('/v1/streams/:id([^:]+)', { schema: streamSchema }, ({ params }) =>
      find(params.id),
    );
    for (const [name, method] of Object.entries(actions) as [keyof typeof actions, (typeof actions)['pause']][]) {
      const schema = streamActionSchema(name);
      app.post<{ Params: { id: string } }>(`/v1/streams/:id([^:]+)::${name}`, { schema }, ({ params }) => {
        find(params.id);
        deployment[method](params.id);
        return find(params.id);
      });
    }
  };
}

/** Every stream once, however many steps read it. */
function streamsOf(deployment: Deployment): StreamBody[] {
  const readings = new Map<string, StreamStatus[]>();
  for (const status of deployment.status().streams) {
    readings.set(status.stream, [...(readings.get(status.stream) ?? []), status]);
  }
  return [...readings].map(([id, all]) => bodyOf(id, all));
}

/** The state that says most, first. */
const states = ['running', 'paused', 'waiting', 'failed', 'ended'] as const;

function bodyOf(id: string, all: readonly StreamStatus[]): StreamBody {
  const sum = (of: (one: StreamStatus) => number): number => all.reduce((total, one) => total + of(one), 0);
  const lags = all.flatMap(({ lagMs }) => lagMs ?? []);
  const error = all.find(one => one.error !== null)?.error ?? null;
  return {
    id,
    state: states.find(state => all.some(one => one.state === state)) ?? 'waiting',
    camera: all.find(({ camera }) => camera !== null)?.camera?.status.state ?? null,
    frames: Math.max(...all.map(({ frames }) => frames)),
    inFlight: sum(({ inFlight }) => inFlight),
    dropped: {
      stale: sum(({ dropped }) => dropped.stale),
      superseded: sum(({ dropped }) => dropped.superseded),
      full: sum(({ dropped }) => dropped.full),
    },
    lagMs: lags.length === 0 ? null : Math.max(...lags),
    readings: all.length,
    errorCode: error === null ? null : error instanceof SaccadeError ? error.code : 'INTERNAL',
  };
}
