export { type Backoff, backoffMs, defaultBackoff } from './backoff.ts';
export type {
  Camera,
  CameraCounts,
  CameraCredentials,
  CameraEvents,
  CameraFrame,
  CameraOptions,
  CameraStatus,
  CaptureClock,
} from './camera/camera.ts';
export type { CameraErrorCode } from './camera/camera-error.ts';
export { cameraStreamName, isCameraUrl, shownCameraUrl } from './camera/camera-url.ts';
export { checkCamera, openCamera } from './camera/open-camera.ts';
export { type ArrivedFrames, CameraPace, type CameraPaceOptions, type PaceOptions } from './camera-pace.ts';
export { checkUnchanged } from './check-unchanged.ts';
export { type Clock, machineMs, systemClock } from './clock.ts';
export { type CutSize, cutAtKeyframes } from './cut-at-keyframes.ts';
export { type DecoderFacts, describeDecoders } from './describe-decoders.ts';
export { drawBoxes, type ShareBox } from './draw-boxes.ts';
export { encodeImage } from './encode-image.ts';
export { type IngestErrorCode, ingestErrors } from './errors.ts';
export type {
  Damage,
  DecoderName,
  Footage,
  FootageInfo,
  FrameRange,
  FrameTable,
  GroupOfPictures,
  OpenFootageOptions,
} from './footage.ts';
export { type FootageHashOptions, footageHash } from './footage-hash.ts';
export type { Frame, FrameIndex, PixelFormat, PixelRequest } from './frame.ts';
export { checkImage, type ImageFault } from './images/check-image.ts';
export type { ImageSize } from './images/image-size.ts';
export { type MemoryImageDecoder, openImageDecoder } from './images/open-image-decoder.ts';
export {
  deadLetter,
  deadLetterTopic,
  type FrameRecord,
  type PoisonReason,
  type PoisonRecord,
  readFrameRecord,
} from './kafka/frame-record.ts';
export type { GroupGeneration } from './kafka/group-generation.ts';
export { type KafkaAccess, type KafkaStart, printedBrokers, type SaslMechanism } from './kafka/kafka-access.ts';
export type { KafkaGroup, KafkaGroupOptions, KafkaGroupStatus } from './kafka/kafka-group.ts';
export { type KafkaMessage, type KafkaRecord, messageBytes } from './kafka/kafka-message.ts';
export type { TopicFacts } from './kafka/kafka-topics.ts';
export { type LiveDropReason, LiveGate, type LiveMode, type LiveOptions } from './live-gate.ts';
export { loadKafka } from './load-kafka.ts';
export { openFootage } from './open-footage.ts';
export { describeFootage, type FootageProbe, probeFootage } from './probe-footage.ts';
export { redactUrl } from './redact-url.ts';
export type { RestartLimit } from './restart-budget.ts';
export type { RgbImage } from './rgb-image.ts';
export {
  type ErrorDetails,
  type ErrorEntry,
  type ErrorRecord,
  type ErrorTable,
  errorTable,
  fromErrorRecord,
  SaccadeError,
  toErrorRecord,
} from './saccade-error.ts';
export { type MessageHandler, type PostMessage, serveWorker } from './serve-worker.ts';
export { streamNameOf } from './stream-name.ts';
export {
  type SendResult,
  type SupervisedWorker,
  type SuperviseOptions,
  superviseWorker,
  type WorkerEnding,
  type WorkerExit,
} from './supervisor.ts';
export {
  forkWorker,
  type WorkerEnvelope,
  type WorkerLaunch,
  type WorkerLauncher,
  type WorkerProcess,
  type WorkerProcessEvents,
} from './worker-process.ts';
