// A process that answers frames from a topic into another, until it is ended: what the tests kill.
//
// Usage: node dist/test/kafka/answering-process.js '{"brokers", "topic", "group", "answers", "models", …}'
import { setTimeout as delay } from 'node:timers/promises';
import { cascade, deploy, events, kafka, map, pipeline, toKafka } from '../../streams-dsl/index.ts';

/** What is asked, and of whom. */
export interface AnsweringOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly answers: string;
  /** Takes the events of the same question; undefined: decisions alone. */
  readonly events?: string;
  readonly models: string;
  readonly instance?: string;
  /** Time that each frame costs beside, in ms. */
  readonly workMs?: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as AnsweringOptions;
const { brokers, topic, group, answers, models, instance } = options;
const source = kafka({
  brokers,
  topic,
  group,
  from: 'earliest',
  sessionTimeoutMs: 2000,
  ...(instance && { instance }),
});
const question = cascade({
  predicate: { label: 'person', minScore: 0.41 },
  reference: 'spots',
  skip: { every: 2 },
  differenceDetector: { deltaDiff: 30, tDiffFrames: 6, width: 16, height: 16 },
  specializedModel: { model: 'bright', cLow: 0.28, cHigh: 0.48 },
  smoothingMs: 500,
});
const sink = toKafka<object>({ brokers, topic: options.events ?? answers });
const one =
  options.events === undefined
    ? pipeline('answers', source, question, map(waitAWhile), sink)
    : pipeline('events', source, question, events({ minDuration: '100ms', mergeGap: '200ms', cooldown: 0 }), sink);
await using deployment = deploy(one, { models });
const stop = (): void => deployment.stop();
process.once('SIGTERM', stop);
process.once('disconnect', stop);
const running = deployment.run();
const ended = new AbortController();
running.catch(() => undefined).finally(() => ended.abort());
while (!ended.signal.aborted) {
  await delay(50, undefined, { signal: ended.signal }).catch(() => undefined);
  const [stream] = deployment.status().streams;
  if (stream !== undefined) process.send?.({ frames: stream.frames, ...stream.kafka });
}
await running;
if (process.connected) process.disconnect();

/** So that a kill is likely to come within a batch. */
function waitAWhile<Row>(row: Row): Row {
  const until = performance.now() + (options.workMs ?? 0);
  while (performance.now() < until);
  return row;
}
