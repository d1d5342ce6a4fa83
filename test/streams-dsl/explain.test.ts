import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CascadePlan, Decision } from '../../cascade/index.ts';
import { syntheticModelsFolder } from '../../fixtures/index.ts';
import {
  aggregate,
  cascade,
  events,
  explain,
  file,
  groupBy,
  join as joinStreams,
  type Pipeline,
  pipeline,
  toConsole,
  toJsonl,
  toWebhook,
  track,
  window,
} from '../../streams-dsl/index.ts';
import { packageRoot } from '../package-root.ts';

const errors = {
  falseNegativeRate: { estimate: 0.004, bound: 0.009 },
  falsePositiveRate: { estimate: 0.002, bound: 0.008 },
};
/** A plan as the optimizer writes them, with what it expects. */
const plan: CascadePlan = {
  schema: 'saccade/plan/1',
  name: 'person-at-door',
  predicate: { label: 'person', minScore: 0.5 },
  smoothingMs: 1000,
  skip: { kind: 'every', tSkip: 5 },
  differenceDetector: {
    detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
    reference: { kind: 'previous', tDiffFrames: 10 },
    deltaDiff: 12,
  },
  specializedModel: {
    model: 'synthetic-person@1',
    sha256: '4bdb01272bf523cf4bbb5308b51bc85845393e60bc45667feb2812d6c96df8b8',
    cLow: 0.1,
    cHigh: 0.95,
  },
  referenceModel: {
    model: 'synthetic-detector@1',
    sha256: '0b504853d6c22e1fd1ce3c62a1e4be3c734fea51e0b3e91f43b2d40798af34d3',
  },
  fittedOn: [],
  expected: {
    targets: { falseNegativeRate: 0.01, falsePositiveRate: 0.01, confidence: 0.95 },
    status: 'bounded',
    errors: { threshold: errors, test: null },
    framesPerSecond: 1918,
    speedUp: 76.3,
    shares: { decoded: 1, keyframes: 0, compared: 0.2, scored: 0.09, referenced: 0.008 },
    machine: { cpu: 'a CPU', cores: 2, node: 'v20.20.2', workers: 1, replicas: 1 },
    seed: 1,
  },
};

const door = file('footage/door.mp4');
const yard = file('footage/yard.mp4');
const hook = toWebhook('https://host/hook?token=t', { secret: { env: 'HOOK_SECRET' } });
const perMinute = aggregate({ over: window({ every: '1m' }), count: ({ label }: Decision) => label });

it.each<[string, readonly Pipeline[]]>([
  [
    'one-camera',
    [pipeline('person-at-door', door, cascade({ plan }), events({ minDuration: '1s' }), toJsonl('events.jsonl'), hook)],
  ],
  [
    'two-questions-on-one-camera',
    [
      pipeline('people', door, cascade({ label: 'person', reference: 'synthetic-detector' }), track(), toConsole()),
      pipeline(
        'vehicles',
        door,
        cascade({
          predicate: { label: 'vehicle', minHeight: 0.1 },
          reference: 'synthetic-detector',
          skip: { every: 5 },
          differenceDetector: { deltaDiff: 12, tDiffFrames: 10 },
        }),
        groupBy(function byStream({ stream }) {
          return stream;
        }, perMinute),
        toJsonl('vehicles.jsonl'),
      ),
    ],
  ],
  [
    'two-cameras-joined',
    [
      pipeline(
        'both',
        [door, yard],
        cascade({ label: 'person', reference: 'synthetic-detector', skip: { every: 2 } }),
        joinStreams(['door', 'yard'], { within: '200ms' }),
        toJsonl('both.jsonl'),
      ),
    ],
  ],
])('explains %s', async (name, pipelines) => {
  const explained = await explain(pipelines, { models: syntheticModelsFolder() });
  await expect(explained).toMatchFileSnapshot(join(packageRoot, 'test', 'streams-dsl', 'golden', `${name}.txt`));
});
