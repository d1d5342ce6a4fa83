// Answers frames from a topic, or the same ones from a folder, and ends: kafka-rate.ts measures its processor time.
import { cascade, deploy, images, kafka, pipeline, toMemory } from '../streams-dsl/index.ts';

const { brokers, topic, folder, models } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly brokers?: readonly string[];
  readonly topic: string;
  readonly folder: string;
  readonly models: string;
};
const source =
  brokers === undefined
    ? images(folder, { frameRateFps: 25 })
    : kafka({ brokers, topic, group: `rate-${process.pid}`, from: 'earliest', stopAtEnd: true });
// Every frame is decoded and looked at by the specialized model, which is always sure: what costs is the way to it.
const question = cascade({
  label: 'person',
  reference: 'synthetic-detector',
  specializedModel: { model: 'synthetic-person', cLow: 0.5, cHigh: 0.5 },
  smoothingMs: 0,
});
const rows = toMemory<object>();
await using deployment = deploy(pipeline('rate', source, question, rows), { models });
await deployment.run();
console.log(rows.rows.length);
