export { type StreamsErrorCode, streamsErrors } from './errors.ts';
export { describeOperator, descriptionOf, type OperatorDescription, type StreamOperator } from './operator.ts';
