import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasRtspServer, RtspServer, sceneLaunch } from '../../bench/rtsp-server.ts';
import { type Decision, findModel } from '../../cascade/index.ts';
import { syntheticModelsFolder } from '../../fixtures/index.ts';
import { saccade, startSaccade } from './saccade.ts';

const models = syntheticModelsFolder();
const [user, password] = ['door', 'Zx9-sesame/%'];
let folder: string;
let server: RtspServer;
const at = (name: string): string => join(folder, name);

function run(source: string, ...more: string[]): string[] {
  const plan = at('person.plan.json');
  return ['run', '--source', source, '--plan', plan, '--out', at('door.jsonl'), '--models', models, '--force', ...more];
}

describe.skipIf(!hasRtspServer())('saccade run with a camera', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-camera-'));
    const { sha256 } = (await findModel('synthetic-detector', models)).declaration;
    const plan = {
      schema: 'saccade/plan/1',
      name: 'person',
      predicate: { label: 'person' },
      smoothingMs: 200,
      skip: { kind: 'every', tSkip: 5 },
      referenceModel: { model: 'synthetic-detector', sha256 },
    };
    await writeFile(at('person.plan.json'), JSON.stringify(plan));
    server = await RtspServer.start({ mounts: { '/live': sceneLaunch() }, user, password });
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('answers every frame until Ctrl-C, which ends it cleanly', async () => {
    const args = run(server.url('/live'), '--credentials-env', 'LOGIN', '--intervals', at('door.intervals.jsonl'));
    const { process: command, result } = startSaccade(args, { LOGIN: `${user}:${password}` });
    await vi.waitUntil(async () => (await readFile(at('door.jsonl'), 'utf8').catch(() => '')).length > 2000, 30_000);
    command.kill('SIGINT');
    const { code, stdout, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      '127.0.0.1: connecting',
      '127.0.0.1: playing h264 320x240, time by the receiver',
    ]);
    expect(stdout).toMatch(/reconnects\s+0/);
    const rows = (await readFile(at('door.jsonl'), 'utf8')).trim().split('\n');
    const decisions = rows.map(row => JSON.parse(row) as Decision);
    expect(decisions.map(({ frame }) => frame)).toEqual(decisions.map((_, i) => i));
    expect(stdout).toMatch(new RegExp(`frames\\s+${decisions.length}\\n`));
    expect(decisions.map(({ decidedBy }) => decidedBy).slice(0, 6)).toEqual([
      'referenced',
      ...new Array<string>(4).fill('skipped'),
      'referenced',
    ]);
    expect(await secretsIn(stdout, stderr)).toEqual([]);
  });

  it('names no password, whatever fails', async () => {
    const wrong = `wr0ng-${password}`;
    const encoded = `${user}:${encodeURIComponent(wrong)}@`;
    const env = { LOGIN: `${user}:${wrong}`, CAMERA_PASSWORD: wrong };
    for (const [source, ...more] of [
      [server.url('/live', encoded), '--json'],
      [server.url('/live', encoded)],
      [server.url('/live', `${user}:\${CAMERA_PASSWORD}@`)],
      [server.url('/live'), '--credentials-env', 'LOGIN'],
      [`rtsp://${encoded}127.0.0.1:1/live?token=${wrong}`],
    ]) {
      const { process: command, result } = startSaccade(run(source ?? '', ...more), env);
      let said = '';
      command.stderr?.on('data', text => {
        said += text;
      });
      if (more.includes('--json')) await new Promise(resolve => setTimeout(resolve, 2500));
      else await vi.waitUntil(() => /UNAUTHORIZED|UNREACHABLE/.test(said), 20_000);
      command.kill('SIGINT');
      const { code, stdout, stderr } = await result;
      expect(code).toBe(130);
      expect(await secretsIn(stdout, stderr)).toEqual([]);
      if (!more.includes('--json')) continue;
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({ frames: 0, camera: { reconnects: 0 } });
    }
    // A plan that cannot be read, a missing variable: errors that come before the camera.
    const broken = await saccade(...run(server.url('/live', encoded), '--plan', at('nothing.json')));
    const unset = await saccade(...run(server.url('/live', `${user}:\${NO_SUCH_PASSWORD}@`)));
    expect([broken.code, unset.code]).toEqual([1, 1]);
    expect(unset.stderr).toContain('INGEST_CAMERA_CREDENTIALS');
    expect(await secretsIn(broken.stdout, broken.stderr)).toEqual([]);
  });

  it('refuses what is for footage', async () => {
    for (const option of ['--resume', '--measure-decode', '--workers=2', '--decoder=ffmpeg']) {
      const { code, stderr } = await saccade(...run(server.url('/live')).filter(arg => arg !== '--force'), option);
      expect([option, code]).toEqual([option, 2]);
      expect(stderr).toContain('is for footage');
    }
  });

  /** Where the password shows: in what was printed, or in a file that was written. */
  async function secretsIn(...printed: readonly string[]): Promise<string[]> {
    const names = await readdir(folder);
    const files = await Promise.all(names.map(name => readFile(at(name), 'utf8')));
    return [...printed, ...files].filter(text => /sesame|Zx9|wr0ng/i.test(text));
  }
});
