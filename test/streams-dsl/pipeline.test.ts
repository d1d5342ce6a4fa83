import { map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  cascade,
  differenceDetector,
  file,
  frames,
  images,
  join,
  mapFrames,
  pipeline,
  planPipelines,
  referenceModel,
  request,
  skip,
  specializedModel,
} from '../../streams-dsl/index.ts';

const source = file('door.mp4');
const reference = referenceModel({ model: 'spots', label: 'person' });
const sink = {
  description: { kind: 'toNowhere', options: {} },
  open: () => Promise.reject(new Error('not opened')),
};
/** Calls as JavaScript does, without a compiler in between. */
const untyped = pipeline as unknown as (...values: unknown[]) => unknown;

describe('a pipeline', () => {
  it('says what it is and starts nothing', () => {
    const black = map((value: unknown) => value);
    const made = pipeline('door', [source, file('yard.mp4')], skip({ every: 5 }), reference, black, sink, sink);
    expect(made.name).toBe('door');
    expect(made.sources.map(({ description }) => description.stream)).toEqual(['door', 'yard']);
    expect(made.operators).toHaveLength(3);
    expect(made.sinks).toEqual([sink, sink]);
  });

  // Arguments, and what the message must name.
  it.each<[unknown[], RegExp]>([
    [[1, source], /Pipeline 1 is wrong at its name: expected letters/],
    [['a b', source], /its name/],
    [['door'], /its source: expected a source, such as file\(\).*, got undefined/],
    [['door', 'door.mp4', reference], /its source: .* got door\.mp4/],
    [['door', []], /its source: expected at least one source/],
    [
      ['door', [file('a/x.mp4'), file('b/x.mp4')]],
      /its sources: expected a name of its own .*option stream.*, got x twice/,
    ],
    [['door', [source, request()]], /request\(\) as the only source/],
    [
      ['door', source, { every: 5 }],
      /operator 1: expected an operator, or a sink at the end, got an object with every/,
    ],
    [['door', source, skip({ every: 2 }), null], /operator 2: .* got null/],
    [
      ['door', source, sink, reference],
      /operator 2, referenceModel\(\): expected a sink, since sinks come last, got referenceModel\(\)/,
    ],
    [
      ['door', source, reference, skip({ every: 2 })],
      /operator 2, skip\(\): expected an operator that takes what referenceModel\(\) gives, got skip\(\), which takes frames/,
    ],
    [['door', source, reference, map(x => x), reference], /operator 3, referenceModel\(\)/],
    [
      ['door', source, reference, join(['door', 'yard'], { within: '1s' })],
      /operator 2, join\(\): expected streams of this pipeline, which are door, got yard/,
    ],
  ])('refuses %# and says where', (values, message) => {
    expect(() => untyped(...values)).toThrow(message);
    expect(() => untyped(...values)).toThrow(expect.objectContaining({ code: 'STREAMS_PIPELINE_INVALID' }));
  });

  // Calls, and what the message must say.
  const anything = (value: unknown): never => value as never;
  it.each<[() => unknown, string]>([
    [() => file(anything(3)), 'file() cannot take path = 3'],
    [() => file('x', anything({ worker: 2 })), 'file() cannot take worker = 2: expected only options that it knows'],
    [() => file('x', { workers: 0 }), 'file() cannot take workers = 0'],
    [() => images('x', { frameRateFps: 0 }), 'images() cannot take frameRateFps = 0'],
    [() => frames(anything(1)), 'frames() cannot take images = 1: expected an iterable'],
    [() => frames([], { live: anything({ mode: 'newest' }) }), 'frames() cannot take live.mode = "newest"'],
    [() => request(anything({ name: 'x' })), 'request() cannot take name'],
    [() => skip(anything({})), 'skip() cannot take every = nothing: expected a whole number, 1 or more'],
    [() => skip({ every: 1.5 }), 'skip() cannot take every = 1.5'],
    [() => differenceDetector({ deltaDiff: -1, tDiffFrames: 2 }), 'differenceDetector() cannot take deltaDiff = -1'],
    [() => differenceDetector({ deltaDiff: 1 }), 'tDiffFrames = nothing: expected exactly one of tDiffFrames'],
    [
      () => differenceDetector({ deltaDiff: 1, tDiffFrames: 1, width: 0 }),
      'differenceDetector() cannot take width = 0',
    ],
    [() => specializedModel({ model: 'm', cLow: 0.6, cHigh: 0.5 }), 'cLow = 0.6: expected at most cHigh'],
    [() => referenceModel({ model: 'm' }), 'label = nothing: expected exactly one of label and predicate'],
    [
      () => referenceModel({ model: 'm', predicate: anything({ lable: 'x' }) }),
      'referenceModel() cannot take predicate',
    ],
    [
      () => mapFrames(anything('f'), { pixels: { width: 1, height: 1, format: 'rgb' } }),
      'map = "f": expected a function',
    ],
    [() => mapFrames(() => 1, anything({})), 'mapFrames() cannot take pixels = nothing'],
    [() => cascade(anything({})), 'cascade() cannot take reference = nothing'],
    [() => cascade({ plan: anything({ schema: 'x' }) }), 'cascade() cannot take plan'],
    [() => cascade({ reference: 'm', label: 'x', skip: anything({ each: 2 }) }), 'cascade() cannot take skip'],
  ])('checks options: %#', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'STREAMS_OPTION_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('refuses frame operators that stand outside, since they have no models there', () => {
    const errors: unknown[] = [];
    of()
      .pipe(skip({ every: 2 }))
      .subscribe({ error: error => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ code: 'STREAMS_STAGE_OUTSIDE_PIPELINE' })]);
  });

  it('says which plan cannot be read', async () => {
    const missing = pipeline('door', source, cascade({ plan: 'missing.plan.json' }));
    await expect(planPipelines([missing])).rejects.toMatchObject({ code: 'CASCADE_PLAN_UNREADABLE' });
  });
});
