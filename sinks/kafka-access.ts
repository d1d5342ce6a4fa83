import { readFile } from 'node:fs/promises';
import type { KafkaAccess, SaslMechanism } from '../ingest/index.ts';
import { sinkErrors } from './errors.ts';
import { readSecret, type SecretSource } from './secret.ts';

/** How brokers are reached; secrets are named, not given. */
export interface KafkaConnection {
  /** Addresses of brokers, `host:port`, as a list or parted by commas; one that answers is enough. */
  readonly brokers: string | readonly string[];
  /** How this client proves who it is. Default: it does not. */
  readonly sasl?: {
    /** Default `PLAIN`, which sends the password as it is: with `tls` only. */
    readonly mechanism?: SaslMechanism;
    readonly username: string;
    readonly password: SecretSource;
  };
  /** Encrypted connections; `true`: with the certificates that Node trusts. Default: plain ones. */
  readonly tls?:
    | boolean
    | {
        /** File of certificates to trust, PEM. Default: those that Node trusts. */
        readonly caFile?: string;
        /** File of this client's certificate, PEM. Default: none. */
        readonly certFile?: string;
        /** This client's key, PEM. Default: none. */
        readonly key?: SecretSource;
      };
}

/** Addresses of brokers as a list. @throws SINK_ADDRESS_INVALID - when one is none. */
export function brokerAddresses(sink: string, brokers: string | readonly string[]): string[] {
  const listed = (typeof brokers === 'string' ? brokers.split(',') : brokers).map(each => each.trim());
  const wrong = listed.find(each => !/^[^\s:/@]+:\d{1,5}$/.test(each));
  if (listed.length > 0 && wrong === undefined) return listed;
  const address = String(wrong).replace(/^.*@/, '***@');
  throw sinkErrors.create('SINK_ADDRESS_INVALID', {
    sink,
    address,
    expected: 'a host and a port, as in kafka:9092, no scheme',
  });
}

/**
 * Reads the secrets that a connection needs.
 * @throws SINK_SECRET_MISSING - when one is not there; SINK_ADDRESS_INVALID - when an address is none.
 */
export async function openKafkaAccess(connection: KafkaConnection): Promise<KafkaAccess> {
  const { sasl, tls } = connection;
  const read = async (file: string | undefined): Promise<string | undefined> =>
    file === undefined ? undefined : readSecretFile(file);
  const files = typeof tls === 'object' ? tls : {};
  const [ca, cert] = await Promise.all([read(files.caFile), read(files.certFile)]);
  const key = files.key === undefined ? undefined : await readSecret(files.key);
  return {
    brokers: brokerAddresses('Kafka', connection.brokers),
    sasl: sasl
      ? { mechanism: sasl.mechanism ?? 'PLAIN', username: sasl.username, password: await readSecret(sasl.password) }
      : null,
    tls: tls
      ? { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) }
      : null,
  };
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw sinkErrors.create('SINK_SECRET_MISSING', { place: `in the file ${file}`, reason }, { cause });
  }
}
