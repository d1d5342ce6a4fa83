export { type CloudEvent, isCloudEvent } from './cloud-event.ts';
export { decisionRow } from './decision-row.ts';
export { decisionSchema } from './decision-schema.ts';
export { type SinkErrorCode, sinkErrors } from './errors.ts';
export { type Interval, intervalSchema } from './interval.ts';
export { IntervalBuilder } from './interval-builder.ts';
export { JsonlSink, type JsonlSinkOptions } from './jsonl-sink.ts';
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
export type { DeliveryPromise, Sink } from './sink.ts';
export { sinkFailure } from './sink-failure.ts';
