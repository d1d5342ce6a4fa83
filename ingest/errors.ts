import { type ErrorTable, errorTable } from './saccade-error.ts';

const table = {
  INGEST_FRAME_DISPOSED: {
    message: 'Frame {index} was used or disposed after it had been disposed.',
    remedy: 'Dispose each frame exactly once, after its last use.',
    retryable: false,
  },
  INGEST_GROUP_DISPOSED: {
    message: 'The group of pictures at frame {index} was used or disposed after it had been disposed.',
    remedy: 'Dispose each group exactly once, after its last use.',
    retryable: false,
  },
  INGEST_GROUP_READ_TWICE: {
    message: 'The frames of the group of pictures at frame {index} were asked for a second time.',
    remedy: 'Call frames() of a group at most once; read the range with the frames() of the footage instead.',
    retryable: false,
  },
  INGEST_FOOTAGE_CLOSED: {
    message: 'The footage {path} was read after it had been closed.',
    remedy: 'Close footage only after its last read has ended.',
    retryable: false,
  },
  INGEST_OPTION_INVALID: {
    message: 'The option {option} is out of range: expected {expected}, got {value}.',
    remedy: 'Correct {option}.',
    retryable: false,
  },
  INGEST_RANGE_INVALID: {
    message: 'The frame range {from}–{to} does not fit: expected {expected}.',
    remedy: 'Take ranges from the frame table of the footage.',
    retryable: false,
  },
  INGEST_FILE_NOT_FOUND: {
    message: 'There is no file or folder {path}.',
    remedy: 'Check the path; a relative one starts at {cwd}.',
    retryable: false,
  },
  INGEST_FILE_UNREADABLE: {
    message: 'The file {path} cannot be read: {reason}.',
    remedy: 'Give this user the permission to read it, or copy it to a place where it may.',
    retryable: false,
  },
  INGEST_FILE_EMPTY: {
    message: 'The file {path} is empty: expected a video or an image, got 0 bytes.',
    remedy: 'Copy or record it again; a recording that is still open may hold its bytes back.',
    retryable: false,
  },
  INGEST_FILE_CHANGED: {
    message: 'The file {path} changed while it was read: expected {before} bytes as at the start, got {now}.',
    remedy: 'Answers written so far are of the file as it was; wait until it is recorded or copied, then run it anew.',
    retryable: false,
  },
  INGEST_NOT_A_VIDEO: {
    message: 'The file {path} does not open as a video: expected a container that FFmpeg reads, got "{reason}".',
    remedy:
      'Try `ffprobe` on it. An MP4 that was cut off before its index was written (no "moov") cannot be read; record to fragmented MP4, MPEG-TS or Matroska to be safe from that.',
    retryable: false,
  },
  INGEST_NO_VIDEO_STREAM: {
    message: 'The file {path} holds no video: expected a video stream, got {streams}.',
    remedy: 'Give a file with pictures in it.',
    retryable: false,
  },
  INGEST_NO_FRAMES: {
    message: 'The video stream of {path} holds no frames: expected 1 or more, got 0.',
    remedy: 'Record it again, or leave the file out.',
    retryable: false,
  },
  INGEST_NO_IMAGES: {
    message: 'No images at {path}: expected .jpg, .jpeg or .png files, got {found}.',
    remedy: 'Give a folder that holds the images themselves, or a pattern such as "folder/**/*.jpg" in quotes.',
    retryable: false,
  },
  INGEST_NO_DECODER: {
    message: 'No decoder for the video of {path}: its codec is {codec}, which {decoder} cannot decode.',
    remedy: 'Convert it, for example with `ffmpeg -i {path} -c:v libx264 converted.mp4`, or try the other decoder.',
    retryable: false,
  },
  INGEST_NODE_AV_UNAVAILABLE: {
    message: 'The decoder node-av cannot be loaded: {reason}.',
    remedy:
      'Install again with optional dependencies (its binary for this platform is one of them), or choose the decoder "ffmpeg".',
    retryable: false,
  },
  INGEST_FFMPEG_NOT_FOUND: {
    message: 'The program {program} was not found: looked at {looked}.',
    remedy: 'Install FFmpeg 4.4 or newer, set {variable} to its full path, or choose the decoder "node-av".',
    retryable: false,
  },
  INGEST_FFMPEG_FAILED: {
    message: 'The program {program} failed on {path}: expected exit 0, got {ending}. It said: {stderr}',
    remedy: 'Try the decoder "node-av", or run the program by hand on this file.',
    retryable: true,
  },
  INGEST_PIXELS_NOT_DECLARED: {
    message: 'Pixels of {width}x{height} {format} were asked for but not declared: expected one of {declared}.',
    remedy: 'List every size in `pixelRequests` when opening footage with the decoder "ffmpeg".',
    retryable: false,
  },
  INGEST_CAMERA_CREDENTIALS: {
    message: 'The user and password of the camera {camera} are not known: {reason}.',
    remedy: 'Set the environment variable that the URL or `credentials` names, or write "user:password" into the file.',
    retryable: false,
  },
  INGEST_CAMERA_UNAUTHORIZED: {
    message: 'The camera {camera} refused the user or password: expected to be let in, got "{reason}".',
    remedy: 'Check the credentials; it is asked again at most twice a minute, since many cameras lock an account.',
    retryable: true,
  },
  INGEST_CAMERA_NOT_FOUND: {
    message: 'The camera {camera} knows no such stream: "{reason}".',
    remedy: 'Check the path of the URL; the manual of the camera lists those of its streams.',
    retryable: true,
  },
  INGEST_CAMERA_UNREACHABLE: {
    message: 'The camera {camera} cannot be reached, or does not speak the protocol of the URL: {reason}.',
    remedy: 'Check host, port and network; it is tried again until it answers.',
    retryable: true,
  },
  INGEST_CAMERA_NO_VIDEO: {
    message: 'The camera {camera} sends no video that can be decoded: {reason}.',
    remedy: 'Choose another stream of the camera, or switch its video on.',
    retryable: true,
  },
  INGEST_CAMERA_STALLED: {
    message: 'The camera {camera} stopped sending: {reason}.',
    remedy: 'It is connected anew; if that happens often, look at its network, or set a longer `stallTimeoutMs`.',
    retryable: true,
  },
  INGEST_CAMERA_FROZEN: {
    message: 'The camera {camera} sends the same picture again and again: {reason}.',
    remedy:
      'It is connected anew; restart the camera if it stays so, or set `frozenAfterMs` to null for a still picture.',
    retryable: true,
  },
  INGEST_CAMERA_BLACK: {
    message: 'The camera {camera} sends a black picture: {reason}.',
    remedy: 'Look for a covered lens or a failed sensor, or set `blackAfterMs` to null where it is dark.',
    retryable: true,
  },
  INGEST_CAMERA_ENDED: {
    message: 'The camera {camera} ended the connection: {reason}.',
    remedy: 'It is connected anew; a camera that restarts, or that serves a recording, does that.',
    retryable: true,
  },
  INGEST_WORKER_NOT_READY: {
    message: 'The worker {name} did not start: expected its ready message within {deadlineMs} ms, got {ending}.',
    remedy: 'Read what it wrote last: {stderr}',
    retryable: true,
  },
  INGEST_WORKER_RESTARTS_SPENT: {
    message:
      'The worker {name} ended {count} times within {windowMs} ms, more than its restart budget; the last time: {ending}.',
    remedy: 'Read what it wrote last, and run its input alone: {stderr}',
    retryable: false,
  },
  INGEST_KAFKA_UNREACHABLE: {
    message: 'No broker answers at {brokers}: {reason}.',
    remedy: 'Check the addresses, that the brokers run, and that what they advertise can be reached from here.',
    retryable: true,
  },
  INGEST_KAFKA_REFUSED: {
    message: 'The brokers at {brokers} refuse this client: {reason}.',
    remedy: 'Check the user name, the password, the mechanism, the certificates, and the rights of this user.',
    retryable: false,
  },
  INGEST_KAFKA_TOPIC_UNKNOWN: {
    message: 'There is no topic {topic} at {brokers}.',
    remedy: 'Correct its name, or create it: `saccade kafka produce --create` does so.',
    retryable: false,
  },
  INGEST_KAFKA_FAILED: {
    message: 'Kafka at {brokers} failed on topic {topic}: {reason}.',
    remedy: 'Read what the brokers say in their logs; most such failures pass.',
    retryable: true,
  },
  INGEST_RECORD_TOO_LARGE: {
    message: 'A record for topic {topic} is too large: {bytes} bytes, more than the brokers at {brokers} take.',
    remedy: 'Raise max.message.bytes of the topic, or write less: smaller images, or where they are to be found.',
    retryable: false,
  },
  INGEST_RECORD_INVALID: {
    message: 'Record {offset} of partition {partition} of {topic} holds no frame ({reason}): {details}.',
    remedy:
      'Nothing: it was put aside into the topic {deadLetters}, the others go on. Correct what writes such records.',
    retryable: false,
  },
} as const;

/** Codes of the errors of `ingest/`: where frames come from. */
export type IngestErrorCode = keyof typeof table;

/** Error table of `ingest/`; documented in docs/errors.md. */
export const ingestErrors: ErrorTable<IngestErrorCode> = errorTable(table);
