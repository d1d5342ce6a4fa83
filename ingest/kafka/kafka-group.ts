import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../backoff.ts';
import type { SaccadeError } from '../saccade-error.ts';
import { answeredWithin, discard } from './answered-within.ts';
import { type CommittedConsumer, createCommittedConsumer } from './committed-consumer.ts';
import { deadLetterTopic } from './frame-record.ts';
import { GenerationOver, GroupGeneration, type Transaction } from './group-generation.ts';
import { stateTopicOf } from './group-state.ts';
import type { KafkaAccess, KafkaStart } from './kafka-access.ts';
import { kafkaFailure } from './kafka-failure.ts';
import { KafkaTopics } from './kafka-topics.ts';
import type { SkippedRecords } from './record-fetcher.ts';
import { createTransactionalProducer, type TransactionalProducer } from './transactional-producer.ts';

/** How a topic is read by a group. */
export interface KafkaGroupOptions {
  readonly access: KafkaAccess;
  readonly topic: string;
  /** Processes of one group share the topic's partitions. */
  readonly groupId: string;
  readonly from: KafkaStart;
  /** Name of this process that its successor has too: it then takes over at once. Null: a new name each time. */
  readonly instance: string | null;
  /**
   * Silence after which the group counts a process as dead, in ms. Also the longest time from the first record of a transaction to
   * its commit, for which a killed process may hold back those who take its partitions over.
   */
  readonly sessionTimeoutMs: number;
  /** Whether to end when everything has been read that was there at the start. */
  readonly stopAtEnd: boolean;
  /** Told of records that were deleted before they could be read. */
  readonly onSkipped: (skipped: SkippedRecords) => void;
}

/** What a group member does. */
export interface KafkaGroupStatus {
  /** Partitions that it reads now. */
  readonly partitions: readonly number[];
  /** Records that are there and were not read. */
  readonly lag: number;
  /** Records that were deleted before they could be read. */
  readonly skipped: number;
  /** Transactions that were committed. */
  readonly commits: number;
  /** Times that the group formed anew, or the brokers were lost, and reading began again at what was committed. */
  readonly restarts: number;
  /** What the brokers were last lost by; null: nothing yet, or it goes on since. */
  readonly trouble: SaccadeError | null;
}

const backoff: Backoff = { baseMs: 100, factor: 2, capMs: 2000 };
/** Largest record of state: pictures of a stream of some hundred frames. */
const mostStateBytes = 16 * 2 ** 20;

/**
 * A member of a consumer group that reads, writes and remembers in transactions: output, what is known of each stream, and the
 * offsets of the input are committed together or not at all. It goes on by itself when brokers or other members come and go,
 * each time from what was committed; the process that had its partitions before can commit nothing any more.
 */
export class KafkaGroup {
  readonly #options: KafkaGroupOptions;
  readonly #transactionalId: string;
  readonly #statePartitions: number;
  #generation: GroupGeneration | null = null;
  #commits = 0;
  #restarts = -1;
  #skipped = 0;
  #trouble: SaccadeError | null = null;

  private constructor(options: KafkaGroupOptions, statePartitions: number) {
    this.#options = options;
    this.#statePartitions = statePartitions;
    this.#transactionalId = `${options.groupId}-${options.instance ?? randomUUID()}`;
  }

  /**
   * Looks whether the topic is there, and makes those for state and dead letters; joins nothing yet.
   * @throws INGEST_KAFKA_UNREACHABLE, INGEST_KAFKA_REFUSED, INGEST_KAFKA_TOPIC_UNKNOWN, INGEST_KAFKA_FAILED.
   */
  static async open(options: KafkaGroupOptions): Promise<KafkaGroup> {
    const { access, topic, groupId } = options;
    await using topics = new KafkaTopics(access);
    const { partitions } = await topics.facts(topic);
    await topics.ensure({ name: deadLetterTopic(topic) });
    const configs = { 'cleanup.policy': 'compact', 'max.message.bytes': String(mostStateBytes) };
    const state = await topics.ensure({ name: stateTopicOf(groupId), partitions, configs });
    return new KafkaGroup(options, state.partitions);
  }

  /** What it does now. */
  get status(): KafkaGroupStatus {
    const progress = this.#generation?.progress ?? [];
    return {
      partitions: progress.map(({ partition }) => partition),
      lag: progress.reduce((sum, { lag }) => sum + lag, 0),
      skipped: this.#skipped + (this.#generation?.skipped ?? 0),
      commits: this.#commits,
      restarts: Math.max(0, this.#restarts),
      trouble: this.#trouble,
    };
  }

  /**
   * Takes part in the group until the signal is aborted or, where that was asked for, until everything is read.
   * @param task - Called for each generation of the group: reads, answers and commits until there is nothing more to read in
   *   this one. What it throws of its own ends all.
   * @throws INGEST_KAFKA_REFUSED - when the brokers do not want this client (any more).
   */
  async run(task: (generation: GroupGeneration) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { access, topic, groupId, instance, sessionTimeoutMs } = this.#options;
    const joining = { groupId, sessionTimeoutMs, rebalanceTimeoutMs: 2 * sessionTimeoutMs };
    let failures = 0;
    let isDone = false;
    while (!signal.aborted && !isDone) {
      const consumer = createCommittedConsumer(access, { ...joining, instance: instance ?? undefined });
      const settings = { transactionalId: this.#transactionalId, timeoutMs: sessionTimeoutMs };
      const producer = createTransactionalProducer(access, settings);
      // A failed return to the group; the broker then refuses what this member commits.
      consumer.on('error', () => undefined);
      producer.on('error', () => undefined);
      try {
        isDone = await this.#runGenerations({ consumer, producer, task, signal, onProgress: () => (failures = 0) });
      } catch (error) {
        if (!(error instanceof GenerationOver)) throw error;
        this.#trouble = kafkaFailure(error.cause, { access, topic });
        if (this.#trouble.code === 'INGEST_KAFKA_REFUSED') throw this.#trouble;
        await pause(backoffMs(backoff, Math.min(++failures, 10), 0.5 + Math.random() / 2), signal);
      } finally {
        this.#skipped += this.#generation?.skipped ?? 0;
        this.#generation = null;
        // One after the other: the group is left before the fence falls.
        await discard(consumer);
        await discard(producer);
      }
    }
  }

  /** Takes part until the clients are of no use any more. @returns whether everything was read that was to be. */
  async #runGenerations({ consumer, producer, task, signal, onProgress }: Run): Promise<boolean> {
    const { topic, groupId, from, stopAtEnd, sessionTimeoutMs, onSkipped } = this.#options;
    // First of all: this ends what a former process of this name had begun, before any offset is read.
    let transaction: Transaction | null = await orOver(
      answeredWithin('a transaction', 30_000, producer.beginTransaction()),
    );
    consumer.topics.track(topic);
    await orOver(answeredWithin('the group', 60_000, consumer.joinGroup({})));
    const onCommit = (): void => {
      this.#commits++;
      this.#trouble = null;
      onProgress();
    };
    const clients = {
      consumer,
      producer,
      topic,
      stateTopic: stateTopicOf(groupId),
      statePartitions: this.#statePartitions,
      commitTimeoutMs: 0.9 * sessionTimeoutMs,
    };
    while (!signal.aborted) {
      const opening = GroupGeneration.open({ ...clients, transaction, from, stopAtEnd, signal, onCommit, onSkipped });
      const generation = await orOver(answeredWithin('the beginning', 60_000, opening));
      this.#skipped += this.#generation?.skipped ?? 0;
      this.#generation = generation;
      this.#restarts++;
      try {
        await task(generation);
      } catch (error) {
        if (!(error instanceof GenerationOver) || !error.isRebalance) throw error;
      }
      if (generation.isAtEnd) return true;
      transaction = generation.transaction;
    }
    return false;
  }
}

interface Run {
  readonly consumer: CommittedConsumer;
  readonly producer: TransactionalProducer;
  readonly task: (generation: GroupGeneration) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

/** The same answer; what hinders it ends the generation. */
async function orOver<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (cause) {
    throw cause instanceof GenerationOver ? cause : new GenerationOver(cause);
  }
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await delay(delayMs, undefined, { signal }).catch(() => undefined);
}
