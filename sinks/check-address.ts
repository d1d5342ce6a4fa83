import { redactUrl } from '../ingest/index.ts';
import { sinkErrors } from './errors.ts';

/** A URL with its credentials apart, so that it can be printed. */
export interface Address {
  /** The URL without user name and password. */
  readonly url: URL;
  /** What is printed of it: secrets in the query are left out as well. */
  readonly printed: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/**
 * Checks where a sink sends to.
 * @param sink - Name of the sink, for the message.
 * @param protocols - Those that it speaks, such as `https`.
 * @throws SINK_ADDRESS_INVALID - when it is no URL of one of the protocols.
 */
export function checkAddress(sink: string, address: string, protocols: readonly string[]): Address {
  // Without its scheme an address is no URL to `redactUrl`, though it may well hold a password.
  const printed = redactUrl(String(address)).replace(/^(?![a-z][a-z0-9+.-]*:\/\/).*@/i, '***@');
  let url: URL | null = null;
  try {
    url = new URL(address);
  } catch {
    // Said below: the error of URL itself would print the address with its password.
  }
  if (url === null || !protocols.includes(url.protocol.slice(0, -1))) {
    const expected = protocols.map(protocol => `${protocol}://`).join(' or ');
    throw sinkErrors.create('SINK_ADDRESS_INVALID', { sink, address: printed, expected });
  }
  const part = (text: string): string | undefined => (text === '' ? undefined : decodeURIComponent(text));
  const [username, password] = [part(url.username), part(url.password)];
  url.username = '';
  url.password = '';
  return { url, printed, username, password };
}
