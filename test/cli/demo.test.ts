import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { saccade, startSaccade } from './saccade.ts';

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('finds a plan on footage of its own and compares it with the reference on later footage', async () => {
  const out = await temporary();
  const { code, stdout, stderr } = await saccade('demo', '--seconds', '30', '--out', out, '--json');
  expect([code, stderr]).toEqual([0, '']);
  const result = JSON.parse(stdout) as {
    frames: number;
    speedUp: number;
    report: string;
    cascade: { referenceCalls: number };
  };
  expect(result.frames).toBe(120);
  expect(result.cascade.referenceCalls).toBeLessThan(120);
  const page = await readFile(result.report, 'utf8');
  // One file: nothing is loaded from elsewhere.
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
  expect(page).toContain('data:image/jpeg;base64,');
  expect(page.match(/<svg/g)?.length).toBeGreaterThan(1);
  expect(page).not.toMatch(/NaN|undefined|\[object/);
}, 400_000);

it('ends at Ctrl-C', async () => {
  const { process: child, result } = startSaccade(['demo', '--out', await temporary()]);
  child.stderr?.once('data', () => child.kill('SIGINT'));
  expect(await result).toMatchObject({ code: 130, stdout: '' });
});
