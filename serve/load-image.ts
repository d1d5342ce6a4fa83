import { readFile } from 'node:fs/promises';
import { redactUrl } from '../ingest/index.ts';
import { serveErrors } from './errors.ts';

/** Where an image is, and how long and large it may be. */
export interface ImageLocation {
  /** Path of a file, or an `http://` or `https://` URL. */
  readonly location: string;
  /** Longest time for a URL in ms, above 0. Default 10,000. */
  readonly timeoutMs?: number;
  /** Most bytes of a URL's image, 1 or more. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/**
 * The bytes of an image file, or of what a URL gives. Whether they are an image is for whoever decodes them.
 * @throws SERVE_IMAGE_UNREADABLE - when there is none, it takes too long, or it is too large.
 */
export async function loadImage(where: ImageLocation): Promise<Uint8Array> {
  const { location, signal } = where;
  const isUrl = /^https?:\/\//i.test(location);
  try {
    return isUrl ? await fetchImage(where) : await readFile(location, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    const details = { location: isUrl ? redactUrl(location) : location, reason: reasonOf(cause) };
    throw serveErrors.create('SERVE_IMAGE_UNREADABLE', details, { cause });
  }
}

async function fetchImage({
  location,
  timeoutMs = 10_000,
  maxBytes = 32 * 1024 ** 2,
  signal,
}: ImageLocation): Promise<Uint8Array> {
  const late = AbortSignal.timeout(timeoutMs);
  const url = new URL(location);
  // Cameras commonly want them; `fetch` takes no URL that holds them.
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers = user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  url.username = '';
  url.password = '';
  const response = await fetch(url, { headers, signal: signal === undefined ? late : AbortSignal.any([signal, late]) });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`expected an image, got status ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > maxBytes) throw new Error(`expected at most ${maxBytes} bytes, got more`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What went wrong: `fetch` tells it in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
