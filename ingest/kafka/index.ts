export { KafkaGroup } from './kafka-group.ts';
export { KafkaTopics } from './kafka-topics.ts';
export { KafkaWriter } from './kafka-writer.ts';
