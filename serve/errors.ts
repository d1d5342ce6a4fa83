import { type ErrorTable, errorTable } from '../ingest/index.ts';

const table = {
  SERVE_OPTION_INVALID: {
    message: 'The server cannot take {option} = {value}: expected {expected}.',
    remedy: 'Correct the option; docs/serving.md lists them.',
    retryable: false,
  },
  SERVE_NOT_LOOPBACK: {
    message: 'The server was to listen on {host} without a token: expected a loopback address such as 127.0.0.1.',
    remedy: 'Set a token with --token-env or --token-file, or leave the host out.',
    retryable: false,
  },
  SERVE_TOKEN_UNFIT: {
    message: 'A token cannot be used: expected 16 to 1024 visible ASCII characters without blanks, got {got}.',
    remedy: 'Make one with `openssl rand -hex 32`; in a file, write one a line.',
    retryable: false,
  },
  SERVE_TLS_UNUSABLE: {
    message: 'The certificate {cert} with the key {key} cannot be used: {reason}.',
    remedy: 'Give PEM files that belong together, the certificate with its chain.',
    retryable: false,
  },
  SERVE_ADDRESS_UNUSABLE: {
    message: 'The server cannot listen on {host}:{port}: {reason}.',
    remedy: 'Choose another port (0: any that is free), or end the program that has it.',
    retryable: true,
  },
  SERVE_IMAGE_UNREADABLE: {
    message: 'The image {location} cannot be read: {reason}.',
    remedy: 'Check the path, or that the URL can be opened from here.',
    retryable: false,
  },
  SERVE_SERVER_UNREACHABLE: {
    message: 'The server {url} does not answer as one of Saccade does: {reason}.',
    remedy: 'Check the URL, and that `saccade serve` runs there.',
    retryable: true,
  },
  SERVE_UNAUTHORIZED: {
    message:
      'The request carries {got}: expected the header "Authorization: Bearer <token>" with a token of this server.',
    remedy: 'Send the token that the server was started with.',
    retryable: false,
  },
  SERVE_ORIGIN_REFUSED: {
    message: 'The {header} {got} is refused: expected {expected}.',
    remedy:
      'Without a token the server answers programs of this machine alone: start it with a token, or call it directly.',
    retryable: false,
  },
  SERVE_ROUTE_UNKNOWN: {
    message: 'There is nothing at {path}.',
    remedy: 'GET /openapi.json lists what there is.',
    retryable: false,
  },
  SERVE_METHOD_UNKNOWN: {
    message: 'The method {got} does not fit {path}: expected {expected}.',
    remedy: 'GET /openapi.json lists what there is.',
    retryable: false,
  },
  SERVE_QUERY_UNKNOWN: {
    message: 'There is no query {name}: expected one of {known}.',
    remedy: 'GET /v1/queries lists them: the pipelines whose source is request().',
    retryable: false,
  },
  SERVE_STREAM_UNKNOWN: {
    message: 'There is no stream {name}: expected one of {known}.',
    remedy: 'GET /v1/streams lists them.',
    retryable: false,
  },
  SERVE_REQUEST_INVALID: {
    message: 'The request is wrong at {field}: expected {expected}, got {got}.',
    remedy: 'Correct it there; GET /openapi.json shows what is expected.',
    retryable: false,
  },
  SERVE_BODY_TOO_LARGE: {
    message: 'The body is too large: expected at most {limit} bytes, got {got}.',
    remedy: 'Send less, or start the server with a larger --max-body-bytes.',
    retryable: false,
  },
  SERVE_MEDIA_TYPE_UNKNOWN: {
    message: 'The content type {got} is not read here: expected {expected}.',
    remedy: 'Send the body as one of these.',
    retryable: false,
  },
  SERVE_REQUEST_TIMEOUT: {
    message: 'The request did not arrive in time: expected its {part} within {limitMs} ms.',
    remedy: 'Send it faster, or start the server with a larger --request-timeout-ms.',
    retryable: true,
  },
  SERVE_CLIENT_GONE: {
    message: 'The client went away before its answer was there.',
    remedy: 'Nothing: it is not answered, and what had not begun is not done.',
    retryable: true,
  },
  SERVE_RATE_LIMITED: {
    message: 'Too many requests of this client: expected at most {limit} a second.',
    remedy: 'Wait as long as the header Retry-After says.',
    retryable: true,
  },
  SERVE_OVERLOADED: {
    message: 'The server has {limit} requests under way: no more are taken.',
    remedy: 'Wait as long as the header Retry-After says.',
    retryable: true,
  },
  SERVE_STOPPING: {
    message: 'The server is being stopped.',
    remedy: 'Ask again later, or ask another one.',
    retryable: true,
  },
  SERVE_FAILED: {
    message: 'The server could not answer request {requestId}.',
    remedy: 'Its own output tells what happened.',
    retryable: true,
  },
} as const;

/** Codes of the errors of `serve/`: what a server is started with, and what clients ask. */
export type ServeErrorCode = keyof typeof table;

/** Error table of `serve/`; documented in docs/errors.md. */
export const serveErrors: ErrorTable<ServeErrorCode> = errorTable(table);
