import { Command } from 'commander';
import { createConsumeCommand } from './kafka/consume.ts';
import { createProduceCommand } from './kafka/produce.ts';

/** `saccade kafka`: what makes trying Kafka easy. */
export function createKafkaCommand(): Command {
  return new Command('kafka')
    .summary('write footage to a topic of Kafka, show what is in one')
    .description(
      'Writes footage to a topic of Kafka as frames, and shows what is in one: to try pipelines with kafka().',
    )
    .addCommand(createProduceCommand())
    .addCommand(createConsumeCommand());
}
