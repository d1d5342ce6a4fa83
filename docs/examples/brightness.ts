// A function of one's own over the pixels: the mean brightness of each second.
import { aggregate, file, filter, mapFrames, pipeline, toJsonl, window } from 'saccade';

const { DOOR = 'door.mp4', OUT = '.' } = process.env;

export default pipeline(
  'brightness',
  file(DOOR, { stream: 'door' }),
  // Only a picture of this size leaves the worker that decodes.
  mapFrames(({ pixels }) => pixels.reduce((sum, byte) => sum + byte, 0) / pixels.length, {
    pixels: { width: 32, height: 18, format: 'gray' },
  }),
  // What the function failed on says why; here it is left out.
  filter(frame => frame.decidedBy === 'mapped'),
  aggregate({ over: window({ every: '1s' }), mean: frame => frame.value, min: frame => frame.value }),
  toJsonl(`${OUT}/brightness.jsonl`),
);
