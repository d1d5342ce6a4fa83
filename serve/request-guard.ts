import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BearerTokens } from './bearer-tokens.ts';
import { serveErrors } from './errors.ts';
import { checkLocalCaller } from './local-callers.ts';

/** Paths that answer without a token: probes know none, and a browser sends none for a page. They tell nothing of the user's. */
const open = /^\/(?:healthz|readyz|v2\/health\/(?:live|ready)|openapi\.json|docs(?:\/.*)?)(?:\?.*)?$/;

/** What lets requests in. */
export interface GuardOptions {
  /** Null: programs of this machine alone may ask. */
  readonly tokens: BearerTokens | null;
  /** Most requests that are unanswered at once. */
  readonly maxRequests: number;
}

/** Looks at each request before its body is read, and counts those under way. */
export class RequestGuard {
  readonly #options: GuardOptions;
  #underWay = 0;
  #isStopping = false;
  #onIdle: () => void = () => undefined;

  /** Lets requests in until {@link stop}. */
  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Whether requests need a token. */
  get hasTokens(): boolean {
    return this.#options.tokens !== null;
  }

  /** Whether no more requests are let in. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Requests that are unanswered now. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Has the guard look at each request of an application. */
  guard(app: FastifyInstance): void {
    app.addHook('onRequest', (request, reply, done) => {
      this.#underWay++;
      reply.raw.once('close', () => {
        if (--this.#underWay === 0) this.#onIdle();
      });
      done(this.#refusal(request));
    });
  }

  /** Lets no more requests in. Resolves when those under way are answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#underWay > 0) await new Promise<void>(resolve => (this.#onIdle = resolve));
  }

  #refusal({ url, headers }: FastifyRequest): Error | undefined {
    const { tokens, maxRequests } = this.#options;
    try {
      if (tokens === null) checkLocalCaller(headers);
      else if (!open.test(url)) tokens.check(headers.authorization);
    } catch (error) {
      return error as Error;
    }
    if (this.#isStopping && !open.test(url)) return serveErrors.create('SERVE_STOPPING', {});
    if (this.#underWay > maxRequests && !open.test(url)) {
      return serveErrors.create('SERVE_OVERLOADED', { limit: maxRequests });
    }
    return undefined;
  }
}
