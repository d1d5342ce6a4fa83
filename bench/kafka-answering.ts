// A process that answers frames from a topic into another until it is ended: kafka-exactly-once.ts kills it.
import { cascade, deploy, kafka, pipeline, toKafka } from '../streams-dsl/index.ts';

const { brokers, topic, group, answers, models } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly answers: string;
  readonly models: string;
};
const source = kafka({ brokers, topic, group, from: 'earliest', sessionTimeoutMs: 3000 });
const question = cascade({
  label: 'person',
  reference: 'synthetic-detector',
  skip: { every: 5 },
  differenceDetector: { deltaDiff: 10, tDiffFrames: 10, width: 16, height: 16 },
  smoothingMs: 1000,
});
await using deployment = deploy(pipeline('answers', source, question, toKafka<object>({ brokers, topic: answers })), {
  models,
});
const stop = (): void => deployment.stop();
process.once('SIGTERM', stop);
process.once('disconnect', stop);
await deployment.run();
if (process.connected) process.disconnect();
