import { createHash, timingSafeEqual } from 'node:crypto';
import { readSecret, type SecretSource } from '../sinks/index.ts';
import { serveErrors } from './errors.ts';

/** Long enough that nobody guesses one, short enough for a header. */
const shape = /^[\x21-\x7e]{16,1024}$/;

/** The tokens that a server takes; kept as hashes. */
export class BearerTokens {
  readonly #digests: readonly Buffer[];

  private constructor(tokens: readonly string[]) {
    this.#digests = tokens.map(digest);
  }

  /**
   * Reads the tokens, one a line; empty lines do not count.
   * @throws SINK_SECRET_MISSING - when there is none; SERVE_TOKEN_UNFIT - when one is too short, or cannot stand in a header.
   */
  static async read(source: SecretSource): Promise<BearerTokens> {
    const tokens = (await readSecret(source)).split(/\r?\n/).filter(line => line.trim() !== '');
    const unfit = tokens.find(token => !shape.test(token));
    if (unfit !== undefined) {
      throw serveErrors.create('SERVE_TOKEN_UNFIT', { got: `${unfit.length} characters, or others than these` });
    }
    return new BearerTokens(tokens);
  }

  /**
   * Checks the header `authorization`, in a time that tells nothing of the tokens.
   * @throws SERVE_UNAUTHORIZED - when it carries none of them.
   */
  check(authorization: string | undefined): void {
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) {
      const got = authorization === undefined ? 'no token' : 'a header "Authorization" of another form';
      throw serveErrors.create('SERVE_UNAUTHORIZED', { got });
    }
    const given = digest(token);
    let isKnown = false;
    for (const one of this.#digests) if (timingSafeEqual(one, given)) isKnown = true;
    if (!isKnown) throw serveErrors.create('SERVE_UNAUTHORIZED', { got: 'a wrong token' });
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
