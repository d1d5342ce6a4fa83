import { isLoopback } from './check-serve-options.ts';
import { serveErrors } from './errors.ts';

/**
 * Keeps web pages out of a server without a token: a browser on this machine reaches loopback for any page that it shows.
 * @param headers.host - Another name than loopback: the page's own name was made to point here.
 * @param headers.origin - Of a page from elsewhere: even where it may not read the answer, it could stop streams.
 * @throws SERVE_ORIGIN_REFUSED - when either is foreign.
 */
export function checkLocalCaller({ host, origin }: { host?: string | undefined; origin?: string | undefined }): void {
  if (host !== undefined && !isLoopback(hostName(host))) throw refused('header Host', host);
  if (origin === undefined) return;
  const [, authority] = /^https?:\/\/(.+)$/.exec(origin) ?? [];
  if (authority !== host) throw refused('header Origin', origin);
}

/** A host without its port. */
function hostName(host: string): string {
  const [, name = host] = /^\[?(.*?)\]?(?::\d+)?$/.exec(host) ?? [];
  return name.toLowerCase();
}

function refused(header: string, got: string): Error {
  return serveErrors.create('SERVE_ORIGIN_REFUSED', { header, got, expected: 'that of this machine' });
}
