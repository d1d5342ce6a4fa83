// Two ways to tell whether the picture is dark: a quick one that is sometimes not sure, and a thorough one. Both are asked,
// the first answer counts, the other one is given up.

import { setImmediate } from 'node:timers/promises';
import { EMPTY, of } from 'rxjs';
import { anyOf, file, filter, mapFrames, pipeline, skip, toJsonl } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.' } = process.env;
const pixels = { width: 32, height: 18, format: 'gray' } as const;
const mean = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;

export default pipeline(
  'first-of-two-models',
  file(DOOR, { stream: 'door' }),
  skip({ every: 5 }),
  mapFrames(frame => frame.pixels, { pixels }),
  filter(frame => frame.decidedBy === 'mapped'),
  anyOf(
    [
      // Looks at one row of pixels.
      ({ frame, value }) => {
        const brightness = mean(value.subarray(0, pixels.width));
        return brightness > 100 && brightness < 150 ? EMPTY : of({ frame, isDark: brightness <= 100, by: 'quick' });
      },
      // Looks at all of them, and takes its time; `signal` says when that is no longer wanted.
      async ({ frame, value }, signal) => {
        await setImmediate(undefined, { signal });
        return { frame, isDark: mean(value) < 125, by: 'thorough' };
      },
    ],
    { deadline: '2s', onError: 'drop' },
  ),
  toJsonl(`${OUT}/first-of-two-models.jsonl`),
);
