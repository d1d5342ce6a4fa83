/** Ways in which a client proves that it knows a password without sending it. */
export const scramMechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** Where a node listens. */
interface NodePorts {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly saslPort: number;
}

/** The configuration of one node of a cluster that is small and does not make tests wait. */
export function serverProperties(
  nodes: readonly NodePorts[],
  node: NodePorts,
  set: Readonly<Record<string, string>>,
  {
    user,
    tlsFile,
  }: {
    readonly user: { readonly name: string; readonly password: string } | undefined;
    readonly tlsFile: string | undefined;
  },
): string {
  const host = '127.0.0.1';
  const replicas = Math.min(3, nodes.length);
  const inSync = nodes.length >= 3 ? 2 : 1;
  const listeners = [`PLAINTEXT://${host}:${node.port}`];
  if (user !== undefined) listeners.push(`SASL_PLAINTEXT://${host}:${node.saslPort}`);
  if (tlsFile !== undefined) listeners.push(`SSL://${host}:${node.saslPort}`);
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const properties: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@${host}:${controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: [...listeners, `CONTROLLER://${host}:${node.controllerPort}`].join(','),
    'advertised.listeners': listeners.join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL',
    ...(user !== undefined && {
      'sasl.enabled.mechanisms': ['PLAIN', ...scramMechanisms].join(','),
      ...Object.fromEntries(
        scramMechanisms.map(name => [
          `listener.name.sasl_plaintext.${name.toLowerCase()}.sasl.jaas.config`,
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        ]),
      ),
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${module} required user_${user.name}="${user.password}";`,
    }),
    ...(tlsFile !== undefined && { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': tlsFile }),
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'num.partitions': 2,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': replicas,
    // 50 by default, which are seconds of start-up.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 1,
    // Groups form at once; dead members and brokers are noticed quickly.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
    // Small memory.
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 2 ** 21,
    'log.index.size.max.bytes': 2 ** 20,
    'socket.request.max.bytes': 2 ** 26,
    ...set,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
