import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came. */
export interface Received {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** A receiver of webhooks on this machine. */
export interface WebhookServer extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
}

/** What to answer to the nth request, from 0: a status, or something done by hand. */
export type Answer = (index: number, response: ServerResponse) => number | undefined;

/** Starts a receiver on a free port. */
export async function webhookServer(answer: Answer = () => 200): Promise<WebhookServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const index = received.push({ body: Buffer.concat(chunks).toString(), headers: request.headers }) - 1;
      const status = answer(index, response);
      if (status !== undefined) response.writeHead(status).end('thanks');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** An address of this machine at which nobody listens. */
export async function deadUrl(): Promise<string> {
  await using server = await webhookServer();
  return server.url;
}
