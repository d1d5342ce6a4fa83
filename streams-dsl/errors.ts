import { type ErrorTable, errorTable } from '../ingest/index.ts';

const table = {
  STREAMS_OPTION_INVALID: {
    message: '{operator} cannot take {option} = {value}: expected {expected}.',
    remedy: 'Correct the option; docs/pipelines.md lists them.',
    retryable: false,
  },
  STREAMS_PIPELINE_INVALID: {
    message: 'Pipeline {pipeline} is wrong at {place}: expected {expected}, got {got}.',
    remedy:
      'Write pipeline(name, source, ...operators, ...sinks), each made by its function, such as file() or skip().',
    retryable: false,
  },
  STREAMS_STAGE_OUTSIDE_PIPELINE: {
    message: '{operator} was subscribed outside a pipeline, where it has no models and no pixels.',
    remedy: 'Give it to pipeline() as an argument of its own, not within a pipe() of RxJS.',
    retryable: false,
  },
  STREAMS_KEYFRAMES_UNFIT: {
    message: 'Pipeline {pipeline} looks at keyframes alone, but {reason}.',
    remedy: 'Use skip: keyframes in cascade() next to a file() or images(), or skip({ every: n }).',
    retryable: false,
  },
  STREAMS_PIXELS_UNDECLARED: {
    message: 'Frame {frame} of {stream} has no picture of {width}x{height} {format}: expected one of {declared}.',
    remedy: 'Declare the size in mapFrames(…, { pixels }): only declared pictures cross from the worker.',
    retryable: false,
  },
  STREAMS_IMAGE_INVALID: {
    message: 'The image cannot be read: expected a whole JPEG or PNG of at most 100 megapixels, got {got}.',
    remedy: 'Send the bytes of a whole JPEG or PNG file.',
    retryable: false,
  },
  STREAMS_FRAME_FUNCTION_FAILED: {
    message: 'The function {name} failed on frame {frame} of {stream}: {reason}.',
    remedy: 'Nothing: the frame is a failed one, the stream goes on. Correct the function.',
    retryable: false,
  },
  STREAMS_FRAME_FUNCTION_DEADLINE: {
    message: 'The function {name} gave no answer for frame {frame} of {stream} within {deadlineMs} ms.',
    remedy: 'Nothing: the frame is a failed one, the stream goes on. Raise deadlineMs, or heed the signal it is given.',
    retryable: true,
  },
  STREAMS_PIPELINE_UNKNOWN: {
    message: 'There is no {what} {name}: expected one of {known}.',
    remedy: 'Name one that is deployed.',
    retryable: false,
  },
  STREAMS_PIPELINE_EXISTS: {
    message: 'There is a pipeline {pipeline} already.',
    remedy: 'Give each pipeline a name of its own, or remove the other one first.',
    retryable: false,
  },
  STREAMS_NOT_A_REQUEST: {
    message: 'Pipeline {pipeline} takes no requests: its source is {source}.',
    remedy: 'Give the pipeline request() as its only source.',
    retryable: false,
  },
  STREAMS_FUNCTION_FAILED: {
    message: '{operator} failed on {item}: its function threw {reason}.',
    remedy: 'Correct the function, or let such items go with onError: "drop".',
    retryable: false,
  },
  STREAMS_FILE_UNREADABLE: {
    message: 'The pipeline file {path} cannot be read: {reason}.',
    remedy: 'Check the path, which is relative to {cwd}; `saccade init` writes a first file.',
    retryable: false,
  },
  STREAMS_FILE_KIND_UNKNOWN: {
    message: 'The pipeline file {path} is of no kind that can be loaded: expected {expected}, got {got}.',
    remedy: 'Rename it after what it holds.',
    retryable: false,
  },
  STREAMS_FILE_FAILED: {
    message: 'The pipeline file failed at {place}: {reason}.',
    remedy: 'Correct the program there.',
    retryable: false,
  },
  STREAMS_FILE_EMPTY: {
    message:
      'The pipeline file {path} exports no pipeline: expected what pipeline() returns, or lists of it, got {got}.',
    remedy: "Write `export default pipeline('door', …)`; `saccade init` writes an example.",
    retryable: false,
  },
  STREAMS_FILE_INVALID: {
    message: 'The pipeline file {path} is wrong at {issues}.',
    remedy: 'Correct it there; `saccade schema pipelines` prints what may stand where.',
    retryable: false,
  },
  STREAMS_VARIABLE_MISSING: {
    message: 'The pipeline file {path} names the variable {variable} at {place}, which is not set.',
    remedy: 'Set it in the environment, or give it a default with :-default after its name.',
    retryable: false,
  },
} as const;

/** Stable codes of the errors of this room. */
export type StreamsErrorCode = keyof typeof table;

/** The errors of this room; docs/errors.md lists them. */
export const streamsErrors: ErrorTable<StreamsErrorCode> = errorTable(table);
