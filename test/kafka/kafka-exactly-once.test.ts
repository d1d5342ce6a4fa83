import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { type KafkaAccess, type KafkaGroupStatus, type KafkaMessage, loadKafka } from '../../ingest/index.ts';
import {
  cascade,
  deploy,
  type EncodedFrame,
  events,
  frames,
  pipeline,
  type SaccadeEvent,
  toMemory,
} from '../../streams-dsl/index.ts';
import { makeSmallScene, type SmallScene } from '../streams-dsl/small-scene.ts';
import type { AnsweringOptions } from './answering-process.ts';
import { frameMessages, grayFrames, randomNumbers } from './gray-frames.ts';
import { judge } from './judge.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { canStartKafka } from './kafka-for-tests.ts';

/** A process that answers, and what it last said of itself. */
class Answering {
  status: Partial<KafkaGroupStatus> & { readonly frames?: number } = {};
  readonly #options: AnsweringOptions;
  #child: ChildProcess;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    this.#child = this.#start();
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  restart(): void {
    this.status = {};
    this.#child = this.#start();
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }

  async until(what: (status: Answering['status']) => boolean, timeoutMs = 40_000): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; !what(this.status); await delay(20)) {
      if (Date.now() > deadline) throw new Error(`It is still at ${JSON.stringify(this.status)}`);
    }
  }

  #start(): ChildProcess {
    const file = fileURLToPath(new URL('./answering-process.js', import.meta.url));
    const child = fork(file, [JSON.stringify(this.#options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', message => {
      if (child === this.#child) this.status = message as Answering['status'];
    });
    return child;
  }
}

describe.runIf(await canStartKafka())('exactly once', () => {
  let cluster: KafkaCluster;
  let scene: SmallScene;
  let access: KafkaAccess;
  beforeAll(async () => {
    [cluster, scene] = await Promise.all([KafkaCluster.start(), makeSmallScene()]);
    access = { brokers: cluster.brokers, sasl: null, tls: null };
  });
  afterAll(() => Promise.all([cluster[Symbol.asyncDispose](), scene[Symbol.asyncDispose]()]));

  async function makeTopics(topics: Readonly<Record<string, number>>): Promise<void> {
    const { KafkaTopics } = await loadKafka();
    await using made = new KafkaTopics(access);
    for (const [name, partitions] of Object.entries(topics)) await made.ensure({ name, partitions });
  }

  /** Writes records bit by bit, so that there are many transactions. */
  async function produceSlowly(messages: readonly KafkaMessage[]): Promise<void> {
    const { KafkaWriter } = await loadKafka();
    await using writer = new KafkaWriter(access);
    for (let at = 0; at < messages.length; at += 10) {
      await Promise.all(messages.slice(at, at + 10).map(message => writer.write(message)));
      await delay(50);
    }
  }

  /** Records that a group has not answered, as the brokers count them. */
  async function untilAnswered(group: string, topic: string, partitions: number, count: number): Promise<void> {
    const { KafkaTopics } = await loadKafka();
    await using topics = new KafkaTopics(access);
    for (const deadline = Date.now() + 60_000; ; await delay(200)) {
      const offsets = await topics.committed(group, topic, partitions).catch(() => [] as bigint[]);
      const answered = offsets.reduce((sum, offset) => sum + Number(offset < 0n ? 0n : offset), 0);
      if (answered >= count) return;
      if (Date.now() > deadline) throw new Error(`Only ${answered} of ${count} are answered.`);
    }
  }

  async function undisturbed(
    all: ReadonlyMap<string, readonly EncodedFrame[]>,
  ): Promise<{ decisions: readonly Decision[]; events: readonly SaccadeEvent[] }> {
    const decisions = toMemory<Decision>();
    const told = toMemory<SaccadeEvent>();
    const sources = () => [...all].map(([stream, images]) => frames(images, { stream }));
    const question = () =>
      cascade({
        predicate: { label: 'person', minScore: 0.41 },
        reference: 'spots',
        skip: { every: 2 },
        differenceDetector: { deltaDiff: 30, tDiffFrames: 6, width: 16, height: 16 },
        specializedModel: { model: 'bright', cLow: 0.28, cHigh: 0.48 },
        smoothingMs: 500,
      });
    const rules = { minDuration: '100ms', mergeGap: '200ms', cooldown: 0 } as const;
    await using deployment = deploy(
      [
        pipeline('answers', sources(), question(), decisions),
        pipeline('events', sources(), question(), events(rules), told),
      ],
      { models: scene.models },
    );
    await deployment.run();
    return { decisions: decisions.rows, events: told.rows };
  }

  it('is what kills of the process and crashes of the broker leave: every answer and event once, in order', async () => {
    await makeTopics({ killed: 2, 'killed-answers': 2, 'killed-events': 1 });
    const streams = ['door', 'yard', 'gate'];
    const all = await grayFrames(streams, 200);
    const messages = frameMessages('killed', all);
    const common = { brokers: cluster.brokers, topic: 'killed', answers: 'killed-answers', models: scene.models };
    const answering = new Answering({ ...common, group: 'k-answers', instance: 'one', workMs: 1 });
    const telling = new Answering({ ...common, group: 'k-events', instance: 'one', events: 'killed-events' });
    const random = randomNumbers(7);
    const parts = 3;
    const size = messages.length / parts;
    for (let part = 0; part < parts; part++) {
      const producing = produceSlowly(messages.slice(part * size, (part + 1) * size));
      await Promise.all(
        [answering, telling].map(async one => {
          await one.until(({ commits = 0 }) => commits > 0);
          await delay(random() * 300);
          await one.kill();
          one.restart();
        }),
      );
      // One that starts while there is no broker says so, and ends.
      for (const one of [answering, telling]) await one.until(({ restarts }) => restarts !== undefined);
      if (part === 1) await cluster.restart(1, 'SIGKILL');
      await producing;
    }
    for (const group of ['k-answers', 'k-events']) await untilAnswered(group, 'killed', 2, messages.length);
    await Promise.all([answering.stop(), telling.stop()]);
    const expected = await undisturbed(all);
    const judged = await judge(cluster.brokers, 'killed-answers', messages.length - 9);
    const told = await judge(cluster.brokers, 'killed-events', expected.events.length - 9);
    for (const stream of streams) {
      const own = judged.filter(({ key }) => key === stream).map(({ value }) => JSON.parse(value) as Decision);
      expect(own).toEqual(expected.decisions.filter(row => row.stream === stream).slice(0, -3));
      const ids = told.filter(({ key }) => key === stream).map(({ headers }) => headers['ce_id']);
      const all = expected.events.filter(({ partitionkey }) => partitionkey === stream).map(({ id }) => id);
      // What the end of the stream ends is not told: it has none.
      expect(ids).toEqual(all.slice(0, ids.length));
      expect(ids.length).toBeGreaterThanOrEqual(all.length - 3);
    }
  }, 120_000);

  it('is kept by three processes of one group when one is killed and another comes', async () => {
    await makeTopics({ shared: 6, 'shared-answers': 3 });
    const streams = Array.from({ length: 8 }, (_, i) => `camera-${i}`);
    const all = await grayFrames(streams, 80);
    const messages = frameMessages('shared', all);
    const options = { brokers: cluster.brokers, topic: 'shared', answers: 'shared-answers', models: scene.models };
    const processes = [1, 2, 3].map(() => new Answering({ ...options, group: 'shared' }));
    const [first, second, third] = processes as [Answering, Answering, Answering];
    for (const one of processes) await one.until(({ partitions = [] }) => partitions.length > 0);
    const producing = produceSlowly(messages);
    await first.until(({ commits = 0 }) => commits > 3);
    await first.kill();
    await second.until(({ restarts = 0 }) => restarts > 0);
    first.restart();
    await third.until(({ commits = 0 }) => commits > 3);
    await third.kill();
    await producing;
    await untilAnswered('shared', 'shared', 6, messages.length);
    await Promise.all([first.stop(), second.stop()]);
    const { decisions } = await undisturbed(all);
    const judged = await judge(cluster.brokers, 'shared-answers', messages.length - 24);
    for (const stream of streams) {
      const own = judged.filter(({ key }) => key === stream).map(({ value }) => JSON.parse(value) as Decision);
      expect(own).toEqual(decisions.filter(row => row.stream === stream).slice(0, -3));
    }
  }, 120_000);
});
