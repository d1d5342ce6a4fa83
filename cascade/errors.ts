import { type ErrorTable, errorTable } from '../ingest/index.ts';

const table = {
  CASCADE_PLAN_UNREADABLE: {
    message: 'The plan {path} cannot be read as JSON: {reason}.',
    remedy: 'Name an existing plan file; docs/plans.md shows one.',
    retryable: false,
  },
  CASCADE_PLAN_INVALID: {
    message: 'The plan {path} does not fit the schema saccade/plan/1: {issues}.',
    remedy: 'Correct the named fields; docs/plans.md explains each.',
    retryable: false,
  },
  CASCADE_PLAN_MODEL_MISMATCH: {
    message: 'The plan was made for another {stage}: expected {model} with sha256 {expected}, got {got}.',
    remedy: 'Use the model that the plan names, or make a plan for this one: thresholds do not carry over.',
    retryable: false,
  },
  CASCADE_PLAN_LABEL_UNKNOWN: {
    message: 'The plan asks for {labels}, which {model} does not know: it knows {known}.',
    remedy: 'Ask for one of these labels, or choose another reference model.',
    retryable: false,
  },
  CASCADE_PLAN_STAGE_UNFIT: {
    message: 'The {stage} of the plan cannot be {model}: expected a head that gives {expected}, got {head}.',
    remedy: 'Use a binary classifier as specialized model and a detector as reference model.',
    retryable: false,
  },
  CASCADE_SCENE_INVALID: {
    message: 'The picture of the empty scene {path} is not the one of the plan: {reason}.',
    remedy: 'Restore the image, or make it anew with `saccade scene` and put its hash into the plan.',
    retryable: false,
  },
  CASCADE_FRAME_LOST: {
    message: 'Frame {frame} could not be decoded.',
    remedy: 'Nothing: the frame carries the label before it, and the rest is answered.',
    retryable: false,
  },
  CASCADE_PREDICATE_INVALID: {
    message: 'The predicate is invalid: {issues}.',
    remedy: 'Write { "label": … } with minScore, minHeight or zone, or combine such with "any", "all" or "not".',
    retryable: false,
  },
  CASCADE_DIFFERENCE_DETECTOR_INVALID: {
    message: 'The difference detector is invalid: {issues}.',
    remedy: 'Correct the named fields, or let the optimizer write the plan.',
    retryable: false,
  },
  CASCADE_PICTURE_SIZE: {
    message: '{what} has the wrong size: expected {expected}, got {got}.',
    remedy: 'Ask the frame for exactly the picture that the request of the model or detector names.',
    retryable: false,
  },
  CASCADE_MODEL_NOT_FOUND: {
    message: 'Model {reference} was not found: expected one in {folder}, which has {existing}.',
    remedy: 'Name one of these, give the path of a version folder, or add the model with `saccade models add`.',
    retryable: false,
  },
  CASCADE_MODEL_DECLARATION_INVALID: {
    message: 'The declaration {path} of a model is invalid: {issues}.',
    remedy: 'Correct the named fields, or add the model again with `saccade models add`.',
    retryable: false,
  },
  CASCADE_MODEL_HEAD_UNKNOWN: {
    message: 'There is no head {head}: expected one of {known}.',
    remedy: 'Choose the head that matches how the model was exported.',
    retryable: false,
  },
  CASCADE_MODEL_HASH_MISMATCH: {
    message: 'The bytes of {path} are not those that were added: expected sha256 {expected}, got {got}.',
    remedy: 'Restore the file, or add the changed one as a new version with `saccade models add`.',
    retryable: false,
  },
  CASCADE_MODEL_FILE_MISSING: {
    message: 'The model file {path} cannot be read: {reason}.',
    remedy: 'Check the path and its permissions.',
    retryable: false,
  },
  CASCADE_MODEL_NOT_ONNX: {
    message: '{path} could not be loaded as an ONNX model: {reason}.',
    remedy: 'Check that it is a complete .onnx file without external data, of an opset that onnxruntime 1.30 knows.',
    retryable: false,
  },
  CASCADE_MODEL_TENSORS_MISMATCH: {
    message: 'The {tensor} of {path} does not fit its declaration: expected {expected}, got {got}.',
    remedy: 'Correct input, head or labels in model.json, or choose another head.',
    retryable: false,
  },
  CASCADE_MODEL_VERSION_EXISTS: {
    message: 'Version {version} of model {name} exists in {folder} with other content.',
    remedy: 'Leave the version out to get the next free one; versions are never overwritten.',
    retryable: false,
  },
  CASCADE_MODEL_RUN_FAILED: {
    message: 'Model {model} failed on a picture: {reason}.',
    remedy: 'Run the frame again by itself; if it fails alone, the picture or the model is at fault.',
    retryable: false,
  },
  CASCADE_MODEL_NOT_BINARY: {
    message: 'Model {model} gives no confidence: expected head binary, got {head}.',
    remedy: 'Use a model with a binary head as the specialized model.',
    retryable: false,
  },
  CASCADE_MODEL_NOT_DETECTOR: {
    message: 'Model {model} finds no objects: expected the head of a detector, got {head}.',
    remedy: 'Use a detector, such as one with head yolox or pvb, as the reference model.',
    retryable: false,
  },
  CASCADE_IMAGE_INVALID: {
    message: 'The image cannot be read: expected a whole JPEG or PNG of at most 100 megapixels, got {got}.',
    remedy: 'Send the bytes of the file as they are, or convert it to JPEG or PNG.',
    retryable: false,
  },
  CASCADE_TENSOR_INVALID: {
    message: 'Model {model} does not take {field}: expected {expected}, got {got}.',
    remedy: 'Send what the metadata of the model says of its tensors.',
    retryable: false,
  },
  CASCADE_MODEL_NOT_SERVED: {
    message: 'Model {model} is not served: expected one of {served}.',
    remedy: 'Load it, or name one that is served.',
    retryable: false,
  },
  CASCADE_MODEL_OVERLOADED: {
    message: 'Model {model} is overloaded: expected an answer within {deadlineMs} ms, got a queue that takes longer.',
    remedy: 'Wait a little, allow more time, or start more replicas.',
    retryable: true,
  },
  CASCADE_MODEL_LATE: {
    message: 'Model {model} gave no answer in time: expected one within {deadlineMs} ms.',
    remedy: 'Allow more time, or choose a faster model.',
    retryable: true,
  },
  CASCADE_MODEL_NO_ANSWER: {
    message:
      'Model {model} gave no answer for a picture in {attempts} attempts: each time its process ended ({ending}).',
    remedy: 'Run the frame again by itself; if it fails alone, the picture or the model is at fault.',
    retryable: false,
  },
  CASCADE_MODEL_QUEUE_FULL: {
    message: 'Model {model} has {limit} pictures waiting: no more are taken.',
    remedy: 'Wait for answers before asking again, or start more replicas.',
    retryable: true,
  },
  CASCADE_MODEL_CLOSED: {
    message: 'Model {model} was used after it had been disposed.',
    remedy: 'Dispose a model after its last answer only.',
    retryable: false,
  },
  CASCADE_SCENE_NO_FRAMES: {
    message: 'There is no frame to take the empty scene from: expected frames with the label false, got none.',
    remedy: 'Label footage in which the scene is empty for a while.',
    retryable: false,
  },
  CASCADE_EVALUATION_FRAMES: {
    message:
      'Answers and truth are not about the same frames: at row {position} expected {expected}, got {got} ({answers} answers, {truth} rows of truth).',
    remedy: 'Make both from the same footage, and finish an interrupted one with --resume.',
    retryable: false,
  },
  CASCADE_EVALUATION_OPTION: {
    message: 'The option {option} is out of range: expected {expected}, got {value}.',
    remedy: 'Correct {option}.',
    retryable: false,
  },
  CASCADE_LABEL_CACHE_UNUSABLE: {
    message: 'The cache of labels {path} cannot be used: {reason}.',
    remedy: 'Free some space, name another folder with --cache, or work without it by --no-cache.',
    retryable: true,
  },
  CASCADE_LIVE_KEYFRAMES: {
    message:
      'The plan {plan} looks at keyframes and goes back to the frames between them, which a camera has not kept: expected the skip rule "every" for live input.',
    remedy: 'Optimize for the rule "every", or run this plan over recorded footage.',
    retryable: false,
  },
} as const;

/** Codes of the errors of `cascade/`: who answers for a frame. */
export type CascadeErrorCode = keyof typeof table;

/** Error table of `cascade/`; documented in docs/errors.md. */
export const cascadeErrors: ErrorTable<CascadeErrorCode> = errorTable(table);
