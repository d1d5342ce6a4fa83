import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPlan } from '../../cascade/index.ts';
import { sampleReport } from '../optimizer/report/sample-report.ts';
import { saccade } from './saccade.ts';

const { plan } = sampleReport({ seconds: 20 });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-plan-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: object): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

describe('saccade plan show', () => {
  it('says what a plan does and what is expected of it', async () => {
    const path = await write('a.plan.json', plan);
    const { code, stdout, stderr } = await saccade('plan', 'show', path);
    expect([code, stderr]).toEqual([0, '']);
    const words = stdout.replaceAll(/\s+/g, ' ');
    expect(words).toContain('Looks at every 5th frame;');
    expect(words).toContain('are kept with 95 % confidence.');
    expect(words).toContain('threshold part 0.45 % 0.98 % 0.15 % 0.61 %');
    expect(words).toContain('AMD EPYC 7B13, 2 cores');
    expect(stdout.split('\n').every(line => line.length <= 120)).toBe(true);
    const json = JSON.parse((await saccade('plan', 'show', path, '--json')).stdout) as object;
    expect(json).toEqual({ plan, hash: hashPlan(plan), words: expect.objectContaining({ speed: expect.any(String) }) });
  });

  it('shows a plan written by hand', async () => {
    const path = await write('hand.plan.json', { ...plan, expected: null, fittedOn: [] });
    const { code, stdout } = await saccade('plan', 'show', path);
    expect(code).toBe(0);
    expect(stdout).toMatch(/fitted on +by hand/);
    expect(stdout).not.toContain('target');
  });
});

describe('saccade plan diff', () => {
  it('says what differs, field by field, and ends with 0', async () => {
    const a = await write('a.plan.json', plan);
    const { specializedModel } = plan;
    const other = {
      ...plan,
      skip: { kind: 'keyframes' },
      differenceDetector: null,
      specializedModel: { ...specializedModel, cLow: 0.2 },
    };
    const b = await write('b.plan.json', other);
    const { code, stdout } = await saccade('plan', 'diff', a, b, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      samePlan: false,
      differences: [
        { path: 'skip.kind', a: 'every', b: 'keyframes' },
        { path: 'skip.tSkip', a: 5 },
        { path: 'differenceDetector', a: plan.differenceDetector, b: null },
        { path: 'specializedModel.cLow', a: 0.0812, b: 0.2 },
      ],
    });
    expect((await saccade('plan', 'diff', a, b)).stdout).toMatch(/specializedModel\.cLow +0\.0812 +0\.2/);
  });

  it('knows the same plan, measured anew', async () => {
    const a = await write('a.plan.json', plan);
    const measured = { ...plan, expected: plan.expected && { ...plan.expected, framesPerSecond: 1000 } };
    const again = await saccade('plan', 'diff', a, await write('c.plan.json', measured), '--json');
    expect(JSON.parse(again.stdout)).toEqual({
      samePlan: true,
      differences: [{ path: 'expected.framesPerSecond', a: 1918, b: 1000 }],
    });
    expect((await saccade('plan', 'diff', a, a)).stdout).toBe('the two plans are the same\n');
  });
});
