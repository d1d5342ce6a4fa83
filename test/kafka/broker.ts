// A real Apache Kafka on this machine, until Ctrl-C: prints its addresses as a line of JSON, then obeys lines on standard input:
// `kill N`, `restart N`, `crash N` (kill and start again). Each is answered by a line `done`.
//
// Usage: node dist/test/kafka/broker.js [nodes=1]
import { createInterface } from 'node:readline';
import { KafkaCluster } from './kafka-cluster.ts';

const cluster = await KafkaCluster.start({ nodes: Number(process.argv[2] ?? 1) });
const end = async (): Promise<void> => {
  await cluster[Symbol.asyncDispose]();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
console.log(JSON.stringify({ brokers: cluster.brokers }));
for await (const line of createInterface({ input: process.stdin })) {
  const [command, id = '1'] = line.split(' ');
  if (command === 'kill') await cluster.stop(Number(id), 'SIGKILL');
  else if (command === 'restart') await cluster.restart(Number(id));
  else if (command === 'crash') await cluster.restart(Number(id), 'SIGKILL');
  else continue;
  console.log('done');
}
await end();
