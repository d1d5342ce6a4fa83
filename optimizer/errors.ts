import { type ErrorTable, errorTable } from '../ingest/index.ts';

const table = {
  OPTIMIZER_TARGET_RANGE: {
    message: 'The target {target} cannot be {value}: expected {expected}.',
    remedy: 'Give rates as shares, such as 0.01 for 1 %.',
    retryable: false,
  },
  OPTIMIZER_NO_POSITIVES: {
    message: 'The reference model calls no frame of {part} positive ({frames} frames, {seconds} s).',
    remedy: 'Give footage in which it happens, a lower --min-score, or another label.',
    retryable: false,
  },
  OPTIMIZER_NO_NEGATIVES: {
    message: 'The reference model calls every frame of {part} positive ({frames} frames, {seconds} s).',
    remedy: 'Give footage in which it does not happen, a higher --min-score, --min-height or --zone.',
    retryable: false,
  },
  OPTIMIZER_TIME_RANGE: {
    message: 'The time range of {input} cannot be used: expected {expected}, got {got}.',
    remedy: 'Write it as file#t=from,to in seconds or h:mm:ss, such as day1.mp4#t=60,600; either end may be left out.',
    retryable: false,
  },
  OPTIMIZER_FOOTAGE_TOO_SHORT: {
    message: 'The footage is too short to be split: expected at least {expected} s, got {got} s.',
    remedy: 'Give more footage of the same camera, or a shorter --gap.',
    retryable: false,
  },
  OPTIMIZER_CAMERAS_DIFFER: {
    message:
      '{first} and {second} do not show the same scene: their backgrounds agree by {agreement}, expected {expected}.',
    remedy: 'Make one plan for each camera; if it is the same camera, say so with --same-camera.',
    retryable: false,
  },
  OPTIMIZER_CAMERA_MOVES: {
    message: 'The camera of {path} moves: its picture shifts by {measure} of the width, expected at most {expected}.',
    remedy: 'Cascades are for fixed cameras: give a stretch in which it stands still, or say --same-camera.',
    retryable: false,
  },
  OPTIMIZER_CACHE_UNUSABLE: {
    message: 'The cache {path} cannot be written: {reason}.',
    remedy: 'Free some space or name another folder with --cache; what it holds stays usable.',
    retryable: true,
  },
  OPTIMIZER_WORKER_DIED: {
    message: 'The process that worked on the model {name} died: {ending}. Its last output: {output}.',
    remedy: 'Killed processes are mostly short of memory: use fewer --workers or less footage, then try again.',
    retryable: true,
  },
  OPTIMIZER_OUTPUT_UNWRITABLE: {
    message: '{path} cannot be written: {reason}.',
    remedy: 'Free some space or name another file; the labels and pictures made so far are kept for the next run.',
    retryable: true,
  },
} as const;

/** Stable codes of the errors of this room. */
export type OptimizerErrorCode = keyof typeof table;

/** The errors of this room; docs/errors.md lists them. */
export const optimizerErrors: ErrorTable<OptimizerErrorCode> = errorTable(table);
