/** How to reach the brokers of a cluster, secrets among it: never printed, never part of a description. */
export interface KafkaAccess {
  /** Addresses, `host:port`; one that answers is enough. */
  readonly brokers: readonly string[];
  /** How this client proves who it is; null: it does not. */
  readonly sasl: {
    readonly mechanism: SaslMechanism;
    readonly username: string;
    readonly password: string;
  } | null;
  /** Encrypted connections; null: plain ones. */
  readonly tls: {
    /** Certificates to trust, PEM; undefined: those that Node trusts. */
    readonly ca?: string;
    /** Certificate of this client, PEM. */
    readonly cert?: string;
    /** Its key, PEM. */
    readonly key?: string;
  } | null;
}

/** Ways to prove who a client is. */
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** Addresses as they are printed. */
export function printedBrokers({ brokers }: Pick<KafkaAccess, 'brokers'>): string {
  return `kafka://${brokers.join(',')}`;
}

/** Where a group begins that has read nothing yet. */
export type KafkaStart = 'earliest' | 'latest' | Date;
