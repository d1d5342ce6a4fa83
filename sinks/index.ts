export { checkAddress } from './check-address.ts';
export { checkOutput } from './check-output.ts';
export { type CloudEvent, isCloudEvent } from './cloud-event.ts';
export { type ConsoleOptions, ConsoleSink } from './console-sink.ts';
export type { DeadLetter } from './dead-letters.ts';
export { decisionRow } from './decision-row.ts';
export { decisionSchema } from './decision-schema.ts';
export { type SinkErrorCode, sinkErrors } from './errors.ts';
export { type Interval, intervalSchema } from './interval.ts';
export { IntervalBuilder } from './interval-builder.ts';
export { JsonlSink, type JsonlSinkOptions } from './jsonl-sink.ts';
export { brokerAddresses, type KafkaConnection, openKafkaAccess } from './kafka-access.ts';
export { kafkaRow } from './kafka-row.ts';
export { type KafkaOptions, KafkaSink } from './kafka-sink.ts';
export { MemorySink } from './memory-sink.ts';
export { type MqttOptions, MqttSink } from './mqtt-sink.ts';
export {
  type ExistingOutput,
  type LogOptions,
  type PreparedLog,
  prepareDecisionLog,
  prepareIntervalLog,
} from './prepare-log.ts';
export { type DecisionSummary, readDecisions } from './read-decisions.ts';
export { type JsonlRow, type ReadJsonlOptions, readJsonl } from './read-jsonl.ts';
export { type ResumedJsonl, resumeJsonl } from './resume-jsonl.ts';
export { checkRunRecord, type RunRecord, runRecordPath, writeRunRecord } from './run-record.ts';
export { readSecret, type SecretSource } from './secret.ts';
export type { DeliveryPromise, Sink } from './sink.ts';
export { sinkFailure } from './sink-failure.ts';
export { topicTemplate } from './topic-template.ts';
export { type WebhookHooks, type WebhookOptions, WebhookSink } from './webhook-sink.ts';
