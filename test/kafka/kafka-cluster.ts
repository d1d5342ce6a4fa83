import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { archiveName, fetchKafka, java } from './fetch-kafka.ts';
import { probeMetadata } from './metadata-probe.ts';
import { scramMechanisms, serverProperties } from './server-properties.ts';

const run = promisify(execFile);

/** What a cluster is made of. */
export interface ClusterOptions {
  /** Nodes, each broker and controller. Default 1. */
  readonly nodes?: number;
  /** More settings of the brokers. */
  readonly set?: Readonly<Record<string, string>>;
  /** User and password of a second listener of each broker, with SASL PLAIN and SCRAM. Default: there is none. */
  readonly user?: { readonly name: string; readonly password: string };
  /** File of key and certificate, PEM, of a listener with TLS in the place of the one with SASL. Default: there is none. */
  readonly tlsFile?: string;
}

interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly saslPort: number;
  readonly home: string;
  process: ChildProcess | null;
}

/** A real Apache Kafka cluster on this machine alone, of this process alone; dispose of it to end and remove it. */
export class KafkaCluster implements AsyncDisposable {
  readonly #folder: string;
  readonly #libs: string;
  readonly #nodes: readonly Node[];
  readonly #jvm: readonly string[];

  private constructor(folder: string, libs: string, nodes: readonly Node[], jvm: readonly string[]) {
    this.#folder = folder;
    this.#libs = libs;
    this.#nodes = nodes;
    this.#jvm = jvm;
  }

  /** Addresses of the brokers, `host:port`. */
  get brokers(): string[] {
    return this.#nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** Addresses of the listeners that want a user, or TLS. */
  get saslBrokers(): string[] {
    return this.#nodes.map(({ saslPort }) => `127.0.0.1:${saslPort}`);
  }

  /** Fetches what is needed, and starts the nodes: in 2 s, the first time of all in 20 s. */
  static async start(options: ClusterOptions = {}): Promise<KafkaCluster> {
    const libs = await fetchKafka();
    const archive = join(libs, archiveName);
    if (!existsSync(archive)) {
      // One throw-away broker writes the classes that it loaded to an archive.
      const recording = join(libs, `${process.pid}.tmp`);
      await using recorded = await KafkaCluster.#start({}, libs, [`-XX:ArchiveClassesAtExit=${recording}`]);
      await recorded.stop(1);
      if (existsSync(recording)) await rename(recording, archive);
    }
    return KafkaCluster.#start(options, libs, existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []);
  }

  static async #start(
    { nodes = 1, set = {}, user, tlsFile }: ClusterOptions,
    libs: string,
    jvm: string[],
  ): Promise<KafkaCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'saccade-kafka-'));
    const made: Node[] = [];
    for (let id = 1; id <= nodes; id++) {
      const [port = 0, controllerPort = 0, saslPort = 0] = await freePorts(3);
      made.push({ id, port, controllerPort, saslPort, home: join(folder, `node-${id}`), process: null });
    }
    await writeFile(join(folder, 'log4j2.properties'), logging);
    const cluster = new KafkaCluster(folder, libs, made, jvm);
    const id = clusterId();
    try {
      await Promise.all(
        made.map(async node => {
          await mkdir(node.home);
          const config = join(node.home, 'server.properties');
          await writeFile(
            config,
            serverProperties(made, node, { ...set, 'log.dirs': join(node.home, 'data') }, { user, tlsFile }),
          );
          await run(java, [
            ...(await cluster.#arguments('128m', [])),
            'kafka.tools.StorageTool',
            'format',
            '-t',
            id,
            '-c',
            config,
            ...(user === undefined
              ? []
              : scramMechanisms.flatMap(name => ['-S', `${name}=[name=${user.name},password=${user.password}]`])),
          ]);
          await cluster.#spawn(node);
        }),
      );
      await cluster.ready();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Waits until every node that runs sees all others that do, and lags behind none. */
  async ready(timeoutMs = 90_000): Promise<void> {
    const running = this.#nodes.filter(({ process: one }) => one !== null);
    const deadline = Date.now() + timeoutMs;
    for (const node of running) {
      for (;;) {
        const seen = await probeMetadata(node.port);
        const areAllUp = running.length === this.#nodes.length;
        if (seen?.brokers === running.length && (!areAllUp || seen.outOfSync === 0)) break;
        if (node.process?.exitCode != null || Date.now() > deadline) {
          throw new Error(`Kafka node ${node.id} is not ready: ${logOf(node).slice(-2000)}`);
        }
        await delay(50);
      }
    }
  }

  /** Ends a node in good order (SIGTERM) or as a crash does (SIGKILL). */
  async stop(id: number, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const node = this.#node(id);
    const { process: child } = node;
    node.process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  /** Starts a node again on what it had stored. */
  async restart(id: number, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.stop(id, signal);
    await this.#spawn(this.#node(id));
    await this.ready();
  }

  /** Kills the nodes and removes what they stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map(({ id }) => this.stop(id, 'SIGKILL')));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #node(id: number): Node {
    const node = this.#nodes.find(one => one.id === id);
    if (node === undefined) throw new Error(`There is no node ${id}.`);
    return node;
  }

  /** The archive of classes only fits the very same class path, so the jars are sorted. */
  async #arguments(heap: string, jvm: readonly string[]): Promise<string[]> {
    const jars = (await readdir(this.#libs)).filter(name => name.endsWith('.jar')).sort();
    return [
      `-Xmx${heap}`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Xss512k',
      '-Xshare:auto',
      '-Xlog:cds=off,cds+dynamic=off',
      ...jvm,
      `-Dlog4j2.configurationFile=${join(this.#folder, 'log4j2.properties')}`,
      '-cp',
      jars.map(name => join(this.#libs, name)).join(delimiter),
    ];
  }

  async #spawn(node: Node): Promise<void> {
    const log = openSync(join(node.home, 'server.out'), 'a');
    const args = [...(await this.#arguments('256m', this.#jvm)), 'kafka.Kafka', join(node.home, 'server.properties')];
    const child = spawn(java, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    node.process = child;
    await once(child, 'spawn');
  }
}

function logOf({ home }: Node): string {
  try {
    return readFileSync(join(home, 'server.out'), 'utf8');
  } catch {
    return '(it wrote nothing)';
  }
}

/** 16 random bytes as Kafka writes them; its tool takes one that begins with a dash for an option. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

/** Ports that are free, all held until the last is found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map(server => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

const logging = `status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
`;
