import { type Command, Option } from 'commander';
import type { KafkaConnection } from '../../sinks/index.ts';
import { UsageError } from '../usage-error.ts';

/** Values of the options that say how brokers are reached. */
export interface ConnectionValues {
  readonly brokers: string;
  readonly topic: string;
  readonly username?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly tls?: boolean;
  readonly caFile?: string;
}

/** Adds the options that say how brokers are reached to a command. */
export function addConnectionOptions(command: Command): Command {
  return command
    .requiredOption('--topic <name>', 'topic of Kafka')
    .addOption(
      new Option('--brokers <list>', 'addresses of brokers, host:port, parted by commas')
        .default('localhost:9092')
        .env('KAFKA_BROKERS'),
    )
    .option('--username <name>', 'user name, with --password-env or --password-file')
    .option('--password-env <name>', 'environment variable that holds the password')
    .option('--password-file <file>', 'file that holds the password')
    .addOption(
      new Option('--mechanism <name>', 'how the password is proven')
        .choices(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
        .default('PLAIN'),
    )
    .option('--tls', 'encrypt the connection')
    .option('--ca-file <file>', 'certificates to trust, PEM; implies --tls');
}

/** The connection that the options name. @throws UsageError - when they name half of a user. */
export function connectionOf(values: ConnectionValues): KafkaConnection {
  const { brokers, username, passwordEnv, passwordFile, mechanism, tls, caFile } = values;
  const password = passwordEnv !== undefined ? { env: passwordEnv } : passwordFile && { file: passwordFile };
  if ((username === undefined) !== !password) {
    throw new UsageError('--username needs --password-env or --password-file, and they need it.');
  }
  return {
    brokers,
    ...(username !== undefined && password && { sasl: { mechanism, username, password } }),
    ...((tls || caFile !== undefined) && { tls: caFile === undefined ? true : { caFile } }),
  };
}
