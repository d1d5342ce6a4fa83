import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ServeOptions } from '../serve/index.ts';
import type { SecretSource } from '../sinks/index.ts';
import { wholeNumber } from './parse-options.ts';
import { UsageError } from './usage-error.ts';

/** Values of the options that say how a server listens. */
export interface ServerValues extends TokenValues {
  readonly host: string;
  readonly port: number;
  readonly grpcPort?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly maxBodyBytes: number;
  readonly maxRequests: number;
  readonly rateLimit?: number;
  readonly requestTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

/** Values of the options that name a token. */
export interface TokenValues {
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
}

/** Reads bounds such as `1,4` from an option. */
export function bounds(text: string): { readonly min: number; readonly max: number } {
  const [, min = '', max = min] = /^(\d+)(?:,(\d+))?$/.exec(text.trim()) ?? [];
  if (Number(min) >= 1 && Number(max) >= Number(min)) return { min: Number(min), max: Number(max) };
  throw new InvalidArgumentError('Expected a whole number of 1 or more, or two such as 1,4.');
}

/** Adds the options that name a token. */
export function addTokenOptions(command: Command, what: string): Command {
  return command
    .addOption(new Option('--token-env <name>', `environment variable that holds ${what}`))
    .addOption(new Option('--token-file <file>', `file that holds ${what}`).env('SACCADE_TOKEN_FILE'));
}

/** Adds the options that say how a server listens to a command. */
export function addServerOptions(command: Command): Command {
  command
    .addOption(
      new Option('--host <address>', 'address to listen on; other than loopback it needs a token')
        .default('127.0.0.1')
        .env('SACCADE_HOST'),
    )
    .addOption(
      new Option('--port <n>', 'port of HTTP; 0: any that is free')
        .default(8080)
        .argParser(wholeNumber(0))
        .env('SACCADE_PORT'),
    )
    .addOption(
      new Option('--grpc-port <n>', 'port of gRPC for the models; 0: any that is free (default: no gRPC)')
        .argParser(wholeNumber(0))
        .env('SACCADE_GRPC_PORT'),
    );
  return addTokenOptions(command, 'the token that clients send; a file may hold several, one a line')
    .option('--tls-cert <file>', 'certificate with its chain, PEM')
    .option('--tls-key <file>', 'key of the certificate, PEM')
    .addOption(number('--max-body-bytes <n>', 'most bytes of a request', 32 * 1024 ** 2))
    .addOption(number('--max-requests <n>', 'most requests under way; more are turned away', 1024))
    .option('--rate-limit <n>', 'most requests a second of one address (default: any number)', wholeNumber(1))
    .addOption(number('--request-timeout-ms <n>', 'longest time that a request may take to arrive', 30_000))
    .addOption(number('--stop-timeout-ms <n>', 'longest wait for requests under way at the end', 10_000));
}

function number(flags: string, description: string, value: number): Option {
  return new Option(flags, description).default(value).argParser(wholeNumber(1));
}

/** Where the token is that the options name. @throws UsageError - when they name two. */
export function tokenOf({ tokenEnv: env, tokenFile: file }: TokenValues): SecretSource | undefined {
  if (env !== undefined && file !== undefined) throw new UsageError('--token-env and --token-file exclude each other.');
  if (env !== undefined) return { env };
  return file === undefined ? undefined : { file };
}

/** How the options say that a server listens. @throws UsageError - when they contradict each other. */
export function listeningOf(values: ServerValues): Omit<ServeOptions, 'deployment' | 'models'> {
  const { host, port, grpcPort, tlsCert: cert, tlsKey: key, rateLimit = null } = values;
  const { maxBodyBytes, maxRequests, requestTimeoutMs, stopTimeoutMs } = values;
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--tls-cert and --tls-key go together.');
  return {
    host,
    port,
    grpcPort,
    token: tokenOf(values),
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    maxBodyBytes,
    maxRequests,
    rateLimit,
    requestTimeoutMs,
    stopTimeoutMs,
  };
}
