// Frames a second and core from JPEGs of 640x480 in a topic to their decisions, against the same files read from disk. The
// processor time is that of all of Saccade's processes, not of the broker; starting up is taken off, as the time for a few frames.
//
// Usage: node dist/bench/kafka-rate.js [frames=3000] [runs=3]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { type KafkaAccess, type KafkaMessage, loadKafka } from '../ingest/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const [frames = 3000, runs = 3] = process.argv.slice(2).map(Number);
/** Frames of the short run that is taken off. */
const few = 50;
/** The share of the rate from disk that the project promises. */
const leastShare = 0.8;
const models = syntheticModelsFolder();
const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const footage = await syntheticFootage(`kafka-rate-${frames}`, {
  profile: 'busy',
  width: 640,
  height: 480,
  durationSeconds: frames / 25,
});
const folder = await mkdtemp(join(tmpdir(), 'saccade-kafka-rate-'));
const broker = spawn(process.execPath, [file('test/kafka/broker.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
try {
  const lines = createInterface({ input: broker.stdout })[Symbol.asyncIterator]();
  const { brokers } = JSON.parse((await lines.next()).value ?? '{}') as { readonly brokers: readonly string[] };
  await fill(brokers);
  const results: { readonly from: string; readonly perCore: number }[] = [];
  for (let run = 0; run < runs; run++) {
    // In turns, so that what else the machine does hits both.
    results.push({ from: 'disk', perCore: measure({}) }, { from: 'Kafka', perCore: measure({ brokers }) });
  }
  const of = (from: string): number => median(results.filter(one => one.from === from).map(one => one.perCore));
  printTable(
    `${frames} JPEGs of 640x480, each to its decision; medians of ${runs} runs`,
    ['disk', 'Kafka'].map(from => ({
      from,
      'frames/s a core': of(from).toFixed(0),
    })),
  );
  const share = of('Kafka') / of('disk');
  console.log(`Kafka reaches ${share.toFixed(2)} of the rate from disk a core; goal: ${leastShare} or more`);
} finally {
  broker.stdin.end();
  await once(broker, 'exit');
  await rm(folder, { recursive: true, force: true });
}

/** The same JPEGs into topics and folders. */
async function fill(brokers: readonly string[]): Promise<void> {
  const access: KafkaAccess = { brokers, sasl: null, tls: null };
  const { KafkaReader, KafkaTopics, KafkaWriter } = await loadKafka();
  await using topics = new KafkaTopics(access);
  await topics.ensure({ name: 'many', partitions: 1 });
  await topics.ensure({ name: 'few', partitions: 1 });
  const to = ['--topic', 'many', '--brokers', brokers.join(',')];
  const { status } = spawnSync(process.execPath, [file('cli/main.js'), 'kafka', 'produce', footage, ...to], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the frames could not be produced');
  for (const name of ['many', 'few']) await mkdir(join(folder, name));
  await using reader = await KafkaReader.open({ access, topic: 'many', from: 'earliest' });
  await using writer = new KafkaWriter(access);
  let count = 0;
  while (!reader.isAtEnd) {
    for (const { key, value, headers } of await reader.next()) {
      const name = `${String(count).padStart(6, '0')}.jpg`;
      await writeFile(join(folder, 'many', name), value ?? '');
      if (count++ >= few) continue;
      await writeFile(join(folder, 'few', name), value ?? '');
      const message: KafkaMessage = { topic: 'few', key, value, headers: Object.fromEntries(headers) };
      await writer.write(message);
    }
  }
}

/** Frames a second and core, and what little the start takes taken off. */
function measure(from: { readonly brokers?: readonly string[] }): number {
  const [many, short] = ['many', 'few'].map(name => {
    const before = cpuSecondsOfEnded();
    const options = { ...from, topic: name, folder: join(folder, name), models };
    const { status } = spawnSync(process.execPath, [file('bench/kafka-rate-run.js'), JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`the run over ${name} failed`);
    return cpuSecondsOfEnded() - before;
  });
  if (many === undefined || short === undefined) throw new Error('nothing was measured');
  return (frames - few) / (many - short);
}

/** Processor time of all descendants that have ended and were waited for, in seconds: fields 16 and 17. */
function cpuSecondsOfEnded(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
