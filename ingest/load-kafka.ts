type KafkaModule = typeof import('./kafka/index.ts');

/** Loads the Kafka client when it is first needed: few programs do, and it takes a while. */
export function loadKafka(): Promise<KafkaModule> {
  return import('./kafka/index.ts');
}
