import { readFile } from 'node:fs/promises';
import { cascadeErrors } from '../errors.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { RemoteEngineDeclaration } from './engine-declaration.ts';
import { type HttpAnswer, HttpConnection, type HttpRequest } from './http-exchange.ts';
import { reasonOf } from './reason-of.ts';
import { RetryBudget } from './retry-budget.ts';

/** Second attempts are at most a tenth of the calls, Finagle's customary 20 % halved since each is a whole inference. */
const RETRY_SHARE = 0.1;
/** Five failed calls of at most 5 s end before the 30 s after which a model worker counts as hung. */
const OPEN_AFTER = 5;
const OPEN_MS = 5000;

/** What is asked of a server, below its URL. */
export interface RemoteRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Sent by POST. Default: a GET without one. */
  readonly body?: Uint8Array | undefined;
}

/**
 * A server that is asked within a time, a second time only within a budget, and for a while not at all after it failed again
 * and again. A failure is no answer at all, or status 429 or 5xx; answers about the request itself are none.
 */
export class RemoteServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #connection: HttpConnection;
  readonly #timeoutMs: number;
  readonly #token: string | undefined;
  readonly #budget = new RetryBudget({ share: RETRY_SHARE, most: 10 });
  readonly #breaker = new CircuitBreaker({ openAfter: OPEN_AFTER, openMs: OPEN_MS });
  #lastReason = '';

  /** Reads the token. @throws CASCADE_REMOTE_TOKEN_MISSING - when it is not where the declaration says. */
  static async open(declaration: RemoteEngineDeclaration): Promise<RemoteServer> {
    return new RemoteServer(declaration, await readToken(declaration));
  }

  private constructor({ url, timeoutMs }: RemoteEngineDeclaration, token: string | undefined) {
    this.url = url.replace(/\/+$/, '');
    this.#connection = new HttpConnection(new URL(url));
    this.#timeoutMs = timeoutMs;
    this.#token = token;
  }

  /**
   * Asks the server.
   * @throws CASCADE_REMOTE_UNREACHABLE - when it failed. CASCADE_REMOTE_SUSPENDED - when it was not asked, having failed before.
   * @throws CASCADE_REMOTE_REFUSED - when it answered with another status than 2xx.
   */
  async ask({ path, headers = {}, body }: RemoteRequest): Promise<HttpAnswer> {
    const waitMs = this.#breaker.waitMs();
    if (waitMs > 0) {
      const seconds = (waitMs / 1000).toFixed(1);
      const details = { url: this.url, failures: this.#breaker.failures, reason: this.#lastReason, seconds };
      throw cascadeErrors.create('CASCADE_REMOTE_SUSPENDED', details);
    }
    this.#budget.earn();
    const dueMs = performance.now() + this.#timeoutMs;
    const authorization = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
    const method = body === undefined ? 'GET' : 'POST';
    const request = { method, headers: { ...headers, ...authorization }, body } as const;
    let { answer, reason } = await this.#attempt(path, { ...request, timeoutMs: this.#timeoutMs });
    // A probe is one call only, and a call that took all of its time has none left for a second attempt.
    const leftMs = dueMs - performance.now();
    if (answer === undefined && leftMs > 0 && !this.#breaker.isHalfOpen && this.#budget.spend()) {
      ({ answer, reason } = await this.#attempt(path, { ...request, timeoutMs: leftMs }));
    }
    if (answer === undefined) {
      this.#breaker.failed();
      this.#lastReason = reason;
      throw cascadeErrors.create('CASCADE_REMOTE_UNREACHABLE', { url: this.url, reason });
    }
    this.#breaker.succeeded();
    if (answer.status >= 200 && answer.status < 300) return answer;
    const details = { url: this.url, status: answer.status, reason: saidBy(answer) };
    throw cascadeErrors.create('CASCADE_REMOTE_REFUSED', details);
  }

  /** Closes the connections. */
  close(): void {
    this.#connection.close();
  }

  async #attempt(path: string, request: HttpRequest): Promise<{ answer?: HttpAnswer; reason: string }> {
    try {
      const answer = await this.#connection.exchange(this.url + path, request);
      const { status } = answer;
      return status === 429 || status >= 500
        ? { reason: `status ${status}, ${saidBy(answer)}` }
        : { answer, reason: '' };
    } catch (error) {
      // A refused connection to several addresses has no message of its own.
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      return { reason: reasonOf(error) || code };
    }
  }
}

async function readToken({ url, token }: RemoteEngineDeclaration): Promise<string | undefined> {
  if (token === undefined) return undefined;
  const missing = (place: string, reason: string): Error =>
    cascadeErrors.create('CASCADE_REMOTE_TOKEN_MISSING', { url, place, reason });
  if ('env' in token) {
    const value = process.env[token.env] ?? '';
    if (value === '') throw missing(`from the environment variable ${token.env}`, 'it is not set, or empty');
    return value;
  }
  const place = `from the file ${token.file}`;
  const value = await readFile(token.file, 'utf8').catch((error: unknown) => {
    throw missing(place, reasonOf(error));
  });
  if (value.trim() === '') throw missing(place, 'it is empty');
  return value.trim();
}

/** What a server says of an error, on one line of at most 200 characters. */
function saidBy({ body }: HttpAnswer): string {
  const text = body.toString('utf8', 0, 2000);
  let said = text;
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') said = error;
  } catch {
    // Not JSON: a proxy's page, perhaps.
  }
  return said.replace(/\s+/g, ' ').trim().slice(0, 200).replace(/\.$/, '') || 'nothing said';
}
