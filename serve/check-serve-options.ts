import { isIP } from 'node:net';
import { serveErrors } from './errors.ts';
import type { ServeOptions, ServeSettings } from './serve-options.ts';

/** Whether only programs of this machine reach an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/**
 * Fills in the defaults.
 * @throws SERVE_OPTION_INVALID - when a number is out of range; SERVE_NOT_LOOPBACK - when the host may be reached from
 *   other machines and there is no token.
 */
export function checkServeOptions({ token, tls: _, ...given }: ServeOptions): ServeSettings {
  const settings: ServeSettings = {
    host: '127.0.0.1',
    port: 8080,
    maxBodyBytes: 32 * 1024 ** 2,
    requestTimeoutMs: 30_000,
    rateLimit: null,
    maxRequests: 1024,
    stopTimeoutMs: 10_000,
    ...given,
    onFailure: given.onFailure ?? (() => undefined),
  };
  const least = { port: 0, maxBodyBytes: 1, requestTimeoutMs: 1, maxRequests: 1, stopTimeoutMs: 0 } as const;
  for (const [option, from] of Object.entries(least)) {
    checkNumber(option, settings[option as keyof typeof least], from, option === 'port' ? 65_535 : undefined);
  }
  if (settings.rateLimit !== null) checkNumber('rateLimit', settings.rateLimit, 1);
  const { host } = settings;
  if (token === undefined && !isLoopback(host)) throw serveErrors.create('SERVE_NOT_LOOPBACK', { host });
  return settings;
}

function checkNumber(option: string, value: number, from: number, to: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return;
  const most = to === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${to}`;
  throw serveErrors.create('SERVE_OPTION_INVALID', { option, value, expected: `a whole number, ${from} ${most}` });
}
