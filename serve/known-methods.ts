import type { FastifyInstance } from 'fastify';
import { serveErrors } from './errors.ts';

/** Remembers which methods there are for each path, to tell a wrong method from a wrong path. Register it before the routes. */
export class KnownMethods {
  readonly #routes = new Map<string, { readonly shape: RegExp; readonly methods: Set<string> }>();

  /** Begins to remember. */
  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ url, method }) => {
      const known = this.#routes.get(url) ?? { shape: shapeOf(url), methods: new Set() };
      for (const one of [method].flat()) known.methods.add(one);
      this.#routes.set(url, known);
    });
  }

  /**
   * Answers a request that no route takes.
   * @returns the methods that its path takes, for the header `allow`, and the error; no methods: there is no such path.
   */
  describe(method: string, url: string): { readonly allow: string; readonly error: Error } {
    const [path = ''] = url.split('?');
    const methods = new Set<string>();
    for (const route of this.#routes.values()) {
      if (route.shape.test(path)) for (const one of route.methods) methods.add(one);
    }
    // Some characters that are written otherwise, such as %3A, are none to the routes, but to no other method either.
    const allow = methods.has(method) ? '' : [...methods].join(', ');
    if (allow === '') return { allow, error: serveErrors.create('SERVE_ROUTE_UNKNOWN', { path }) };
    return { allow, error: serveErrors.create('SERVE_METHOD_UNKNOWN', { path, got: method, expected: allow }) };
  }
}

/** Matches the paths of a route such as `/v1/queries/:name([a-z]+)::predict`. */
function shapeOf(url: string): RegExp {
  const parts = url.split(/(::|:\w+(?:\([^)]*\))?|\*)/).map(part => {
    if (part === '::') return ':';
    if (part === '*') return '.*';
    if (!part.startsWith(':')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const [, shape = '[^/]+'] = /\(([^)]*)\)$/.exec(part) ?? [];
    return shape;
  });
  return new RegExp(`^${parts.join('')}$`);
}
