import { expect, it } from 'vitest';
import { StreamsProgress } from '../../cli/streams-progress.ts';
import type { StreamStatus } from '../../streams-dsl/index.ts';

const idle = {
  inFlight: 0,
  mostInFlight: 0,
  dropped: { stale: 0, superseded: 0, full: 0 },
  lagMs: null,
  camera: null,
  kafka: null,
  pids: [],
  error: null,
};

/** Progress on a terminal of so many columns, with a clock of its own. */
function setUp({ isTTY = true, columns = 60 } = {}): {
  readonly streams: StreamStatus[];
  readonly written: string[];
  readonly progress: StreamsProgress;
  now(ms: number): void;
} {
  const streams: StreamStatus[] = [];
  const written: string[] = [];
  let nowMs = 0;
  const terminal = { isTTY, columns, write: (text: string) => written.push(text) };
  const progress = new StreamsProgress({ streams: () => streams, terminal, nowMs: () => nowMs });
  return {
    streams,
    written,
    progress,
    now: ms => {
      nowMs = ms;
    },
  };
}

it('shows frames, rate and state of each stream over what was shown before', () => {
  const { streams, written, progress, now } = setUp();
  streams.push({ stream: 'door', state: 'running', frames: 0, ...idle });
  streams.push({ stream: 'garden', state: 'paused', frames: 7, ...idle });
  progress.draw();
  now(1000);
  streams[0] = { stream: 'door', state: 'running', frames: 50, ...idle };
  streams[1] = { stream: 'garden', state: 'ended', frames: 9, ...idle };
  progress.draw();
  progress[Symbol.dispose]();
  expect(written).toEqual([
    'door    0 frames  0.0 fps\ngarden  7 frames  paused\n',
    '\x1b[2F\x1b[0J',
    'door    50 frames  50 fps\ngarden  9 frames  ended\n',
    '\x1b[2F\x1b[0J',
  ]);
});

it('shows the rate of the last two seconds', () => {
  const { streams, written, progress, now } = setUp();
  for (const [ms, frames] of [
    [0, 0],
    [1500, 300],
    [3000, 300],
    [4500, 300],
  ] as const) {
    now(ms);
    streams[0] = { stream: 'door', state: 'running', frames, ...idle };
    progress.draw();
  }
  expect(written.filter(text => text.startsWith('door')).map(text => / ([\d.]+) fps/.exec(text)?.[1])).toEqual([
    '0.0',
    '200',
    '100',
    '0.0',
  ]);
});

it('takes 80 columns where a terminal does not know its size', () => {
  const { streams, written, progress } = setUp({ columns: 0 });
  streams.push({ stream: 'x'.repeat(90), state: 'running', frames: 1, ...idle });
  progress.draw();
  expect(written).toEqual([`${'x'.repeat(79)}\n`]);
});

it('keeps to the width of the terminal, and shows nothing without one', () => {
  const narrow = setUp({ columns: 20 });
  narrow.streams.push({ stream: 'a-very-long-name-of-a-stream', state: 'running', frames: 1, ...idle });
  narrow.progress.draw();
  expect(narrow.written).toEqual(['a-very-long-name-of\n']);
  const piped = setUp({ isTTY: false });
  piped.streams.push({ stream: 'door', state: 'running', frames: 1, ...idle });
  using progress = piped.progress.start();
  progress.draw();
  expect(piped.written).toEqual([]);
});
