import { type IncomingHttpHeaders, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

/** What is asked of a server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array | undefined;
  /** Time for the whole exchange in ms, above 0. */
  readonly timeoutMs: number;
}

/** What a server answered, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Longest answer in bytes: far above any tensors, and what a process can hold. */
const LONGEST_ANSWER_BYTES = 256 * 1024 * 1024;

/** Connections to one server, kept open between exchanges. Redirects are not followed. */
export class HttpConnection {
  readonly #agent: PlainAgent | SecureAgent;
  readonly #request: typeof plainRequest;

  /** @param url - Of the server; only its protocol counts. */
  constructor(url: URL) {
    const isSecure = url.protocol === 'https:';
    this.#agent = isSecure ? new SecureAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
    this.#request = isSecure ? secureRequest : plainRequest;
  }

  /**
   * Sends a request and takes the whole answer.
   * @throws an Error without a code of Saccade when there is no whole answer in time; its message is the reason.
   */
  exchange(url: string, { method, headers, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const agent = this.#agent;
      const sent = body === undefined ? headers : { ...headers, 'Content-Length': body.length };
      const request = this.#request(url, { method, headers: sent, agent }, response => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          parts.push(part);
          length += part.length;
          if (length > LONGEST_ANSWER_BYTES) {
            request.destroy(new Error(`its answer is longer than ${LONGEST_ANSWER_BYTES} bytes`));
          }
        });
        response.once('error', fail);
        response.once('end', () => {
          clearTimeout(timer);
          if (!response.complete) return fail(new Error('its answer broke off'));
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts, length) });
        });
      });
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${Math.round(timeoutMs)} ms`)),
        timeoutMs,
      );
      request.once('error', fail);
      request.end(body);
    });
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }
}
