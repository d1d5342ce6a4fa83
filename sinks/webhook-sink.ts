import { createHmac, randomUUID } from 'node:crypto';
import { type Backoff, backoffMs, type Clock, systemClock } from '../ingest/index.ts';
import { checkAddress } from './check-address.ts';
import { isCloudEvent } from './cloud-event.ts';
import { DeadLetters } from './dead-letters.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { sinkErrors } from './errors.ts';
import { readSecret, type SecretSource } from './secret.ts';
import type { Sink } from './sink.ts';
import { withinTime } from './within-time.ts';

/** How rows are posted. */
export interface WebhookOptions {
  /** Where to: http or https; a user name and a password in it are sent as basic authorization, and never printed. */
  readonly url: string;
  /**
   * Signs each request as the Standard Webhooks specification says: `webhook-signature: v1,` and the HMAC-SHA256 of
   * `id.timestamp.body` in base64. A secret that begins with `whsec_` is base64. Default: not signed.
   */
  readonly secret?: SecretSource;
  /** More headers, such as `authorization`; their values are never printed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time for one answer in ms, above 0. Default 10,000. */
  readonly timeoutMs?: number;
  /** How often a row is tried, 1 or more. Default 8: with the default waits that is about a minute. */
  readonly attempts?: number;
  /** Waits between attempts, jittered. Default 500 ms, doubled up to 30 s. */
  readonly backoff?: Backoff;
  /** Most rows that wait for the receiver, 1 or more; then the writer waits. Default 1000. */
  readonly maxQueued?: number;
  /** File of JSON Lines for rows that were tried in vain. Default: none, and the first such row is an error. */
  readonly deadLetterPath?: string;
  /** How long disposal waits for rows that are still queued, in ms; then they are dead letters. Default 10,000. */
  readonly drainTimeoutMs?: number;
}

/** What tests replace. */
export interface WebhookHooks {
  /** Default the machine's. */
  readonly clock?: Clock;
  /** Numbers from 0 (inclusive) to 1 (exclusive) for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

const defaultWebhookBackoff: Backoff = { baseMs: 500, factor: 2, capMs: 30_000 };
/** The longest that a receiver may ask to wait: one that says "tomorrow" is down. */
const longestRetryAfterMs = 300_000;

/** How one attempt ended. */
type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry' | 'refused'; readonly reason: string; readonly waitMs: number };

/**
 * Posts each row as JSON, in order, one at a time; CloudEvents in structured mode (`application/cloudevents+json`). Tries
 * again after 408, 429, 5xx, timeouts and network failures, with a jittered exponential wait or what `Retry-After` asks
 * for; anything else that is not 2xx, redirects among them, is final. What was tried in vain goes to the dead-letter file.
 *
 * Promise: at least once while the process lives: a receiver that answers late gets a row twice, with the same
 * `webhook-id` (the CloudEvent's id). Rows that were queued when the process is killed are lost.
 */
export class WebhookSink<Row> implements Sink<Row> {
  readonly delivery = 'at-least-once';
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #url: URL;
  readonly #target: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #key: Buffer | null;
  readonly #letters: DeadLetters;
  readonly #queue: DeliveryQueue<Row>;
  readonly #closing = new AbortController();
  #isClosed = false;

  private constructor(options: WebhookOptions, secret: string | null, { clock, random }: WebhookHooks) {
    this.#options = options;
    this.#clock = clock ?? systemClock;
    this.#random = random ?? Math.random;
    const { url, printed, username, password } = checkAddress('The webhook', options.url, ['https', 'http']);
    this.#url = url;
    this.#target = printed;
    const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
    this.#headers = { ...(username !== undefined && { authorization: `Basic ${basic}` }), ...options.headers };
    this.#key = secret === null ? null : signingKey(secret);
    this.#letters = new DeadLetters(options.deadLetterPath, printed);
    const deliver = (row: Row): Promise<void> => this.#deliver(row);
    this.#queue = new DeliveryQueue({ maxQueued: options.maxQueued ?? 1000, concurrency: 1, deliver });
  }

  /**
   * Reads the secret; does not yet connect. The caller disposes of the sink.
   * @throws SINK_ADDRESS_INVALID - when the URL is none; SINK_SECRET_MISSING - when the secret is not there.
   */
  static async open<Row>(options: WebhookOptions, hooks: WebhookHooks = {}): Promise<WebhookSink<Row>> {
    const secret = options.secret === undefined ? null : await readSecret(options.secret);
    return new WebhookSink<Row>(options, secret, hooks);
  }

  /**
   * Takes rows; waits while `maxQueued` wait.
   * @throws SINK_UNDELIVERED - when a row was tried in vain and there is no dead-letter file; SINK_OUTPUT_UNWRITABLE,
   *   SINK_DISK_FULL - when that file cannot be written; SINK_CLOSED - after disposal.
   */
  async write(rows: readonly Row[]): Promise<void> {
    if (this.#isClosed) throw sinkErrors.create('SINK_CLOSED', { path: this.#target });
    await this.#queue.write(rows);
  }

  /** Resolves when every row has been delivered or become a dead letter. Throws as {@link write}. */
  async flush(): Promise<void> {
    await this.#queue.flush();
  }

  /** Delivers what is queued for up to `drainTimeoutMs`; the rest become dead letters. Throws as {@link write}. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const flushed = this.#queue.flush();
    if (await withinTime(this.#clock, this.#options.drainTimeoutMs ?? 10_000, flushed)) return;
    const waiting = this.#queue.takeWaiting();
    this.#closing.abort();
    const [underWay, rest] = await Promise.allSettled([
      flushed,
      this.#letters.add(waiting, { attempts: 0, reason: 'the sink was closed before they could be sent' }),
    ]);
    if (underWay.status === 'rejected') throw underWay.reason;
    if (rest.status === 'rejected') throw rest.reason;
  }

  async #deliver(row: Row): Promise<void> {
    const { attempts = 8, backoff = defaultWebhookBackoff } = this.#options;
    const body = JSON.stringify(row);
    const id = isCloudEvent(row) ? row.id : randomUUID();
    const type = isCloudEvent(row) ? 'application/cloudevents+json; charset=utf-8' : 'application/json';
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#post(body, { ...this.#headers, 'content-type': type, 'webhook-id': id });
      if (outcome.kind === 'delivered') return;
      const { reason, waitMs } = outcome;
      const isLast = outcome.kind === 'refused' || attempt >= attempts;
      if (isLast) return await this.#letters.add([row], { attempts: attempt, reason });
      await this.#wait(Math.max(waitMs, backoffMs(backoff, attempt, this.#random())));
      if (this.#closing.signal.aborted) {
        return await this.#letters.add([row], { attempts: attempt, reason: `${reason}; the sink was closed` });
      }
    }
  }

  async #post(body: string, headers: Readonly<Record<string, string>>): Promise<Outcome> {
    const timestamp = Math.floor(Date.now() / 1000);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.timeoutMs ?? 10_000)]);
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { ...headers, 'webhook-timestamp': String(timestamp), ...this.#signature(headers, timestamp, body) },
        body,
        // A signed request must not be sent on to whoever the receiver names.
        redirect: 'manual',
        signal,
      });
      await response.body?.cancel();
      if (response.ok) return { kind: 'delivered' };
      const { status } = response;
      const isTemporary = status === 408 || status === 429 || status >= 500;
      const waitMs = retryAfterMs(response.headers.get('retry-after'));
      return { kind: isTemporary ? 'retry' : 'refused', reason: `the receiver answered ${status}`, waitMs };
    } catch (error) {
      return { kind: 'retry', reason: networkReason(error), waitMs: 0 };
    }
  }

  #signature(headers: Readonly<Record<string, string>>, timestamp: number, body: string): Record<string, string> {
    if (this.#key === null) return {};
    const signed = `${headers['webhook-id']}.${timestamp}.${body}`;
    return { 'webhook-signature': `v1,${createHmac('sha256', this.#key).update(signed).digest('base64')}` };
  }

  async #wait(delayMs: number): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    await new Promise<void>(resolve => {
      const cancel = this.#clock.after(delayMs, done);
      function done(): void {
        signal.removeEventListener('abort', done);
        cancel?.();
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}

function signingKey(secret: string): Buffer {
  const prefix = 'whsec_';
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
}

/** What `Retry-After` asks for, in seconds or as a date; 0 without it. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const askedMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(askedMs) ? 0 : Math.min(longestRetryAfterMs, Math.max(0, askedMs));
}

/** What went wrong, in few words; `fetch` hides it in the cause. */
function networkReason(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time';
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && 'code' in cause) return `no connection (${String(cause.code)})`;
  return cause instanceof Error ? cause.message : String(cause);
}
