export { KafkaGroup } from './kafka-group.ts';
export { KafkaReader } from './kafka-reader.ts';
export { KafkaTopics } from './kafka-topics.ts';
export { KafkaWriter } from './kafka-writer.ts';
