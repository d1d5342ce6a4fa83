// Exactly once through everything: three processes of one group answer small images from one topic into another, while processes
// are killed (SIGKILL) and the broker is crashed and started at random times. What comes out must be what an undisturbed run
// gives: nothing missing, nothing twice, each label the same.
//
// Usage: node dist/bench/kafka-exactly-once.js [records=100000] [kills=10] [broker crashes=3] [seed=1]
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { encodeImage, type KafkaAccess, type KafkaMessage, loadKafka } from '../ingest/index.ts';
import { printTable } from './table.ts';

const [records = 100_000, kills = 10, crashes = 3, seed = 1] = process.argv.slice(2).map(Number);
const streams = 30;
const partitions = 12;
const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const broker = spawn(process.execPath, [file('test/kafka/broker.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: broker.stdout })[Symbol.asyncIterator]();
const { brokers } = JSON.parse((await lines.next()).value ?? '{}') as { readonly brokers: readonly string[] };
const access: KafkaAccess = { brokers, sasl: null, tls: null };
const { KafkaReader, KafkaTopics, KafkaWriter } = await loadKafka();
const random = randomNumbers(seed);
const models = syntheticModelsFolder();

try {
  await using topics = new KafkaTopics(access);
  for (const name of ['frames', 'calm', 'disturbed']) await topics.ensure({ name, partitions });
  await produce();
  const calm = await answer('calm', { kills: 0, crashes: 0 });
  const disturbed = await answer('disturbed', { kills, crashes });
  const [expected, got] = [await readAnswers('calm'), await readAnswers('disturbed')];
  let [missing, different] = [0, 0];
  for (const [key, hash] of expected.answers) {
    const found = got.answers.get(key);
    if (found === undefined) missing++;
    else if (found !== hash) different++;
  }
  const unexpected = [...got.answers.keys()].filter(key => !expected.answers.has(key)).length;
  printTable(
    `${records} records of ${streams} streams, three processes, ${kills} kills, ${crashes} crashes of the broker`,
    [
      {
        run: 'undisturbed',
        seconds: calm.toFixed(0),
        answers: expected.count,
        twice: expected.count - expected.answers.size,
      },
      { run: 'disturbed', seconds: disturbed.toFixed(0), answers: got.count, twice: got.count - got.answers.size },
    ],
  );
  console.log(`missing ${missing}, different ${different}, unexpected ${unexpected}`);
  const isRight =
    missing + different + unexpected + (got.count - got.answers.size) + (expected.count - expected.answers.size) === 0;
  if (!isRight) process.exitCode = 1;
} finally {
  broker.stdin.end();
  await once(broker, 'exit');
}

/** Gray pictures that stay for a while, then jump. */
async function produce(): Promise<void> {
  const images: Uint8Array[] = [];
  for (let gray = 0; gray < 256; gray += 16) {
    const bytes = new Uint8Array(32 * 32 * 3).fill(gray);
    images.push(await encodeImage({ width: 32, height: 32, bytes }, { format: 'jpeg' }));
  }
  await using writer = new KafkaWriter(access);
  const shown = Array.from({ length: streams }, () => 0);
  let sent: Promise<void>[] = [];
  for (let i = 0; i < records; i++) {
    const stream = i % streams;
    if (random() < 0.03) shown[stream] = Math.floor(random() * images.length);
    const timestampUs = Math.floor(i / streams) * 100_000;
    const message: KafkaMessage = {
      topic: 'frames',
      key: `camera-${stream}`,
      value: images[shown[stream] ?? 0] ?? null,
      headers: { 'timestamp-us': String(timestampUs) },
    };
    sent.push(writer.write(message));
    if (sent.length < 2000) continue;
    await Promise.all(sent);
    sent = [];
  }
  await Promise.all(sent);
}

/** Answers all frames; returns the seconds that it took. */
async function answer(answers: string, trouble: { readonly kills: number; readonly crashes: number }): Promise<number> {
  const options = { brokers, topic: 'frames', group: answers, answers, models };
  const start = (): ChildProcess =>
    fork(file('bench/kafka-answering.js'), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
    });
  const processes = [start(), start(), start()];
  const startedMs = performance.now();
  const answered = async (): Promise<number> => {
    await using topics = new KafkaTopics(access);
    const offsets = await topics.committed(answers, 'frames', partitions).catch(() => [] as bigint[]);
    return offsets.reduce((sum, offset) => sum + Math.max(0, Number(offset)), 0);
  };
  const events = [
    ...Array.from({ length: trouble.kills }, () => ({ at: random(), kind: 'kill' as const })),
    ...Array.from({ length: trouble.crashes }, () => ({ at: random(), kind: 'crash' as const })),
  ].sort((a, b) => a.at - b.at);
  for (let done = await answered(); done < records; done = await answered()) {
    // One that found no broker at its start has ended: whoever supervises it starts it again.
    for (const [i, child] of processes.entries()) if (child.exitCode !== null) processes[i] = start();
    const [next] = events;
    if (next !== undefined && done >= next.at * 0.95 * records) {
      events.shift();
      console.error(`${done} answered: ${next.kind}`);
      if (next.kind === 'kill') {
        const i = Math.floor(random() * processes.length);
        processes[i]?.kill('SIGKILL');
        processes[i] = start();
      } else {
        broker.stdin.write('crash 1\n');
        await lines.next();
      }
    }
    await delay(250);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const ended = processes.flatMap(child => (child.exitCode === null ? [once(child, 'exit')] : []));
  for (const child of processes) child.kill('SIGTERM');
  await Promise.all(ended);
  return seconds;
}

/** What was answered for each frame, as its hash. */
async function readAnswers(topic: string): Promise<{ answers: Map<string, string>; count: number }> {
  await using reader = await KafkaReader.open({ access, topic, from: 'earliest' });
  const answers = new Map<string, string>();
  let count = 0;
  while (!reader.isAtEnd) {
    for (const { headers, value } of await reader.next()) {
      count++;
      answers.set(
        headers.get('ce_id') ?? '',
        createHash('sha256')
          .update(value ?? '')
          .digest('base64'),
      );
    }
  }
  return { answers, count };
}

/** Mulberry32. */
function randomNumbers(from: number): () => number {
  let state = from;
  return () => {
    state += 0x6d2b79f5;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
