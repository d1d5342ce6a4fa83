import { connect } from 'node:net';
import type { RunningServer } from '../../serve/index.ts';

/** What a server answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; empty when it is none. */
  readonly body: Record<string, unknown>;
}

/** Calls a server; every error must have the form that all have, and tell nothing of this machine. */
export async function call(
  { url }: Pick<RunningServer, 'url'>,
  path: string,
  init: RequestInit = {},
): Promise<Answered> {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  if (status >= 400) checkError(body, text);
  if (headers.get('x-request-id') === null) throw new Error('an answer without x-request-id');
  return { status, headers, text, body };
}

function checkError(body: Record<string, unknown>, text: string): void {
  const { error, code } = body;
  if (typeof error !== 'string' || typeof code !== 'string' || error === '') throw new Error(`not an error: ${text}`);
  if (/\bat .*:\d+:\d+|node_modules|\/tmp\/|\.[jt]s\b|onnxruntime_src/.test(text) || text.includes(process.cwd())) {
    throw new Error(`an error that tells of this machine: ${text}`);
  }
}

/** A POST of bytes. */
export function post(body: string | Uint8Array, type: string): RequestInit {
  return { method: 'POST', body: body as string, headers: { 'content-type': type } };
}

/** Sends text over a bare connection and gives all that comes back until the server closes it. */
export async function talk({ url }: Pick<RunningServer, 'url'>, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  socket.write(text);
  await new Promise<void>((resolve, reject) => socket.on('close', () => resolve()).on('error', reject));
  return answer;
}
