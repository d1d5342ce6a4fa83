// Requests a second, latency and memory of `saccade serve` beside the servers that people use instead, loaded by the same
// program in the same rounds: the small classifier on a thumbnail, the detector on a whole frame. Below them the same work in
// a bare loop in as many threads, without HTTP.
//
// Usage: node dist/bench/serve-peers.js [small|yolox …]
//        SACCADE_PEERS: folder of the peers; SACCADE_PEER_ENVS: their Python environments; OHA: the load generator
//        SERVE_PEERS_ROUNDS=3 SERVE_PEERS_SECONDS=8 SERVE_PEERS_SERVERS=triton,fastapi SERVE_PEERS_LEVELS=1,4,16,64
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { addModel } from '../cascade/index.ts';
import { benchFolder, dataFolder, realFootage } from './bench-footage.ts';

const tasks = {
  small: { body: 'thumb', model: 'small', operators: `specializedModel({ model: 'small', cLow: 0.5, cHigh: 0.5 })` },
  yolox: { body: 'frame', model: 'yolox', operators: `referenceModel({ model: 'yolox', label: 'person' })` },
} as const;
type Task = keyof typeof tasks;

const { env } = process;
const peers = env['SACCADE_PEERS'] ?? resolve('..', 'shared', 'peers');
const environments = resolve(env['SACCADE_PEER_ENVS'] ?? join('.saccade', 'peers'));
const oha = env['OHA'] ?? 'oha';
const rounds = env['SERVE_PEERS_ROUNDS'] ?? '3';
const seconds = env['SERVE_PEERS_SECONDS'] ?? '8';
const servers = env['SERVE_PEERS_SERVERS'] ?? 'triton,fastapi';
const levels = env['SERVE_PEERS_LEVELS'] ?? '1,4,16,64';
const workers = 2;
const folder = resolve(benchFolder, 'serve');
const python = join(environments, 'floor', 'bin', 'python');

const footage = realFootage('one-by-one.mp4');
const missing = [
  ...(footage === null ? ['the real footage (SACCADE_DATA)'] : []),
  ...(existsSync(join(peers, 'bench.py')) ? [] : [`the peers (SACCADE_PEERS, now ${peers})`]),
  ...(existsSync(python) ? [] : [`their environments (install.sh there, SACCADE_PEER_ENVS, now ${environments})`]),
  ...(spawnSync(oha, ['--version']).error === undefined ? [] : ['oha (cargo install oha, OHA)']),
];
if (footage === null || missing.length > 0) console.log(`serve-peers is skipped: it needs ${missing.join(', ')}.`);
else await compare(footage);

async function compare(video: string): Promise<void> {
  const models = join(folder, 'models');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  execFileSync(python, [join(peers, 'make_inputs.py'), video, join(folder, 'inputs')]);
  await copyFile(join(peers, 'floor.mjs'), join(folder, 'floor.mjs'));
  const licence = 'Apache-2.0';
  const small = join(peers, 'small_cnn.onnx');
  await addModel({ onnxPath: small, folder: models, name: 'small', head: 'binary', labels: ['person'], licence });
  const detector = join(dataFolder(), 'models', 'yolox_nano.onnx');
  await addModel({ onnxPath: detector, folder: models, name: 'yolox', head: 'yolox', licence });
  const chosen = process.argv.slice(2) as Task[];
  for (const task of chosen.length > 0 ? chosen : (Object.keys(tasks) as Task[])) await compareTask(task, models);
}

async function compareTask(task: Task, models: string): Promise<void> {
  const { body, model, operators } = tasks[task];
  const file = join(folder, `${task}.ts`);
  await writeFile(
    file,
    `import { map, pipeline, referenceModel, request, specializedModel } from 'saccade';
export default pipeline('${task}', request(), ${operators}, map(({ confidence, detections }) => ({ confidence, detections })));
`,
  );
  const serving = [
    resolve('dist', 'cli', 'main.js'),
    'serve',
    file,
    '--models',
    models,
    '--port',
    '0',
    '--json',
    '--cache-bytes',
    '0',
  ];
  const server = spawn(process.execPath, [...serving, '--load', model, '--replicas', `${workers},${workers}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await started(server.stdout);
    const onnx = join(models, model, '1', 'model.onnx');
    const picture = join(folder, 'inputs', `${body}.jpg`);
    for (const batch of task === 'small' ? ['1', '8'] : ['1']) {
      const floor = [join(folder, 'floor.mjs'), picture, task, onnx, String(workers), batch, seconds];
      process.stdout.write(execFileSync(process.execPath, floor));
    }
    const out = join(folder, `${task}.jsonl`);
    spawnSync(
      python,
      [
        [
          join(peers, 'bench.py'),
          '--envs',
          environments,
          '--inputs',
          join(folder, 'inputs'),
          '--oha',
          oha,
          '--out',
          out,
        ],
        ['--models', join(dataFolder(), 'models'), '--servers', servers, '--task', task, '--body', body],
        ['--external', `saccade=${url}/v1/queries/${task}:predict@${server.pid}`],
        ['--levels', levels, '--rounds', rounds, '--seconds', seconds, '--workers', String(workers)],
      ].flat(),
      { stdio: 'inherit' },
    );
  } finally {
    server.kill('SIGINT');
  }
}

/** The address that the server prints when it listens. */
async function started(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const url = /"url":\s*"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it listened.');
}
