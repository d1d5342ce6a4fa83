import { missingTools } from './fetch-kafka.ts';
import { type ClusterOptions, KafkaCluster } from './kafka-cluster.ts';

/** Whether there is a Kafka to test against: `KAFKA_BROKERS`, or one that can be started here. */
export async function hasKafka(): Promise<boolean> {
  if (process.env['KAFKA_BROKERS'] !== undefined || (await canStartKafka())) return true;
  console.warn(
    'Kafka is not tested: set KAFKA_BROKERS to that of another, or install what it needs to start one here.',
  );
  return false;
}

/** Whether brokers can be started here, which is needed where they are to be killed. */
export async function canStartKafka(): Promise<boolean> {
  const missing = await missingTools();
  if (missing.length === 0) return true;
  console.warn(
    `No broker can be started here: ${missing.join(' and ')} not found. On Debian: apt-get install openjdk-17-jre-headless maven.`,
  );
  return false;
}

/** A Kafka for tests that do not harm it. */
export interface KafkaForTests extends AsyncDisposable {
  readonly brokers: readonly string[];
}

/** The Kafka that `KAFKA_BROKERS` names, else one that is started here. */
export async function startKafka(options: ClusterOptions = {}): Promise<KafkaForTests> {
  const named = process.env['KAFKA_BROKERS'];
  if (named === undefined) return KafkaCluster.start(options);
  return { brokers: named.split(','), [Symbol.asyncDispose]: () => Promise.resolve() };
}
