import { readFileSync } from 'node:fs';
import { ingestErrors } from '../errors.ts';
import { redactUrl } from '../redact-url.ts';
import type { CameraOptions } from './camera.ts';

/** The URL of a camera, to be used and to be shown. */
export interface CameraUrl {
  /** With credentials: for the decoder alone, never to be printed or passed on. */
  readonly secret: string;
  /** Without credentials and without the values of variables. */
  readonly shown: string;
}

const schemes = ['rtsp', 'rtsps', 'http', 'https'];

/** Whether a location is the URL of a camera rather than a path. */
export function isCameraUrl(location: string): boolean {
  return schemes.includes(partsOf(location).scheme);
}

/** Name of a camera's stream, where none is given: its host. */
export function cameraStreamName(url: string): string {
  return /^[^:/?#]+/.exec(partsOf(url).rest)?.[0] ?? 'camera';
}

/** A camera's URL as it may be shown: variables by their names, written-out credentials hidden. */
export function shownCameraUrl(url: string): string {
  const { scheme, userInfo, rest } = partsOf(url);
  // What stands between `${` and `}` is a name, not a secret, but names alone would be read as if they were credentials.
  const isNamed = userInfo !== null && userInfo.replace(/\$\{\w+\}/g, '').replace(':', '') === '';
  if (isNamed) return `${scheme}://${userInfo}@${redactUrl(`x://${rest}`).slice('x://'.length)}`;
  return redactUrl(url);
}

/**
 * Puts variables and credentials into a camera's URL.
 * @throws INGEST_OPTION_INVALID - when it is no URL of a camera; INGEST_CAMERA_CREDENTIALS - when a variable or file is
 *   missing or holds no `user:password`.
 */
export function cameraUrl(
  { url, credentials }: Pick<CameraOptions, 'url' | 'credentials'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CameraUrl {
  const shown = shownCameraUrl(url);
  const { scheme, userInfo, rest } = partsOf(url);
  if (!schemes.includes(scheme) || rest === '') {
    const expected = `a URL that begins with one of ${schemes.map(one => `${one}://`).join(', ')}`;
    throw ingestErrors.create('INGEST_OPTION_INVALID', { option: 'url', expected, value: shown });
  }
  const missing = (reason: string): Error =>
    ingestErrors.create('INGEST_CAMERA_CREDENTIALS', { camera: shown, reason });
  const substitute = (text: string, encode: (value: string) => string): string =>
    text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = environment[name];
      if (value === undefined || value === '') throw missing(`the environment variable ${name} is not set`);
      return encode(value);
    });
  let login = userInfo === null ? null : substitute(userInfo, encodeURIComponent);
  if (credentials !== undefined) {
    const text = readCredentials(credentials, environment, missing);
    const colon = text.indexOf(':');
    if (colon < 1) throw missing('what was found there is no "user:password"');
    login = `${encodeURIComponent(text.slice(0, colon))}:${encodeURIComponent(text.slice(colon + 1))}`;
  }
  // Written out, it may hold what would end it too early.
  login = login?.replace(/[/?#@ ]/g, encodeURIComponent) ?? null;
  const secret = `${scheme}://${login === null ? '' : `${login}@`}${substitute(rest, value => value)}`;
  return { secret, shown };
}

function readCredentials(
  credentials: NonNullable<CameraOptions['credentials']>,
  environment: Readonly<Record<string, string | undefined>>,
  missing: (reason: string) => Error,
): string {
  if ('env' in credentials) {
    const value = environment[credentials.env];
    if (value === undefined || value === '') throw missing(`the environment variable ${credentials.env} is not set`);
    return value;
  }
  try {
    return readFileSync(credentials.file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw missing(`the file ${credentials.file} cannot be read (${code})`);
  }
}

function partsOf(url: string): { scheme: string; userInfo: string | null; rest: string } {
  const [, scheme = '', afterScheme = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(url) ?? [];
  // As in `redactUrl`: a password may hold unescaped slashes, so the last @ that is not in a query ends it.
  const query = afterScheme.search(/[?#]/);
  const at = afterScheme.slice(0, query < 0 ? undefined : query).lastIndexOf('@');
  return {
    scheme: scheme.toLowerCase(),
    userInfo: at < 0 ? null : afterScheme.slice(0, at),
    rest: afterScheme.slice(at + 1),
  };
}
