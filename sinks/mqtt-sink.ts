import type { IClientOptions, MqttClient } from 'mqtt';
import { type Clock, systemClock } from '../ingest/index.ts';
import { type Address, checkAddress } from './check-address.ts';
import { DeadLetters } from './dead-letters.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { sinkErrors } from './errors.ts';
import { readSecret, type SecretSource } from './secret.ts';
import type { Sink } from './sink.ts';
import { topicTemplate } from './topic-template.ts';
import { withinTime } from './within-time.ts';

/** How rows are published. */
export interface MqttOptions {
  /** The broker: mqtt, mqtts, ws or wss; a user name and a password in it are used, and never printed. */
  readonly url: string;
  /**
   * Topic of a row, with its fields in braces. Default `saccade/{stream}`; for events a good one is
   * `saccade/{data.stream}/{data.query}`.
   */
  readonly topic?: string;
  /** Whether the broker keeps the last row of each topic for those who subscribe later. Default false. */
  readonly retain?: boolean;
  /**
   * Topic that says whether the sink is there: `online`, and `offline` when it is closed or (its last will) when the broker
   * has lost it; both retained. Default `saccade/status`.
   */
  readonly statusTopic?: string;
  /** Default: the one in the URL, or none. */
  readonly username?: string;
  /** Default: the one in the URL, or none. */
  readonly password?: SecretSource;
  /** Name of this client at the broker, where each name is there once. Default: a random one. */
  readonly clientId?: string;
  /** Most rows that wait for the broker, 1 or more; then the writer waits. Default 1000. */
  readonly maxQueued?: number;
  /** Time from a lost connection to the next attempt in ms, above 0. Default 1000. */
  readonly reconnectMs?: number;
  /** File of JSON Lines for rows that are still queued when the sink is closed. Default: none, and they are an error. */
  readonly deadLetterPath?: string;
  /** How long disposal waits for rows that are still queued, in ms. Default 10,000. */
  readonly drainTimeoutMs?: number;
}

/** Rows that are published before the first of them is confirmed: enough to hide the way to a broker and back. */
const inFlight = 64;
/** Reason codes of MQTT 3.1.1 that no further attempt will change: protocol, name, password, rights. */
const finalRefusals: readonly number[] = [1, 2, 4, 5];

/**
 * Publishes each row as JSON with QoS 1, in order, over MQTT 3.1.1. A broker that is down is tried again for as long as the
 * sink is open; rows wait meanwhile.
 *
 * Promise: at least once while the process lives: what the broker has not confirmed is published again after a
 * reconnection, so a row may arrive twice. Rows that were queued when the process is killed are lost.
 */
export class MqttSink<Row> implements Sink<Row> {
  readonly delivery = 'at-least-once';
  readonly #client: MqttClient;
  readonly #target: string;
  readonly #statusTopic: string;
  readonly #drainTimeoutMs: number;
  readonly #queue: DeliveryQueue<Row>;
  readonly #letters: DeadLetters;
  readonly #clock: Clock;
  /** Published, but not confirmed. */
  readonly #unconfirmed = new Set<Row>();
  /** Resolves when the broker has refused this client for good; never rejects. */
  readonly #refused: Promise<Error>;
  #refusal: Error | null = null;
  #isClosed = false;

  private constructor(client: MqttClient, address: Address, options: MqttOptions, clock: Clock) {
    const { topic = 'saccade/{stream}', retain = false, maxQueued = 1000, deadLetterPath } = options;
    this.#client = client;
    this.#target = address.printed;
    this.#statusTopic = statusTopicOf(options);
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 10_000;
    this.#letters = new DeadLetters(deadLetterPath, address.printed);
    this.#clock = clock;
    this.#refused = new Promise(resolve => {
      client.on('error', error => {
        if (!('code' in error) || !finalRefusals.includes(Number(error.code))) return;
        const details = { target: address.printed, reason: error.message };
        this.#refusal = sinkErrors.create('SINK_BROKER_REFUSED', details, { cause: error });
        resolve(this.#refusal);
      });
    });
    client.on('connect', () => {
      client.publish(this.#statusTopic, 'online', { qos: 1, retain: true });
    });
    const topicOf = topicTemplate(topic);
    const deliver = async (row: Row): Promise<void> => {
      this.#unconfirmed.add(row);
      const published = client.publishAsync(topicOf(row), JSON.stringify(row), { qos: 1, retain });
      const refusal = await Promise.race([published.then(() => null), this.#refused]);
      if (refusal !== null) throw refusal;
      this.#unconfirmed.delete(row);
    };
    this.#queue = new DeliveryQueue({ maxQueued, concurrency: inFlight, deliver });
  }

  /**
   * Connects, and waits for the first answer: a broker that is down is no error, one that refuses this client is. The
   * caller disposes of the sink.
   * @param hooks.clock - For tests; default the machine's.
   * @throws SINK_ADDRESS_INVALID, SINK_TOPIC_INVALID - when the URL or a topic is none; SINK_SECRET_MISSING - when the
   *   password is not there; SINK_BROKER_REFUSED - when the broker refuses the name or the password.
   */
  static async open<Row>(options: MqttOptions, hooks: { readonly clock?: Clock } = {}): Promise<MqttSink<Row>> {
    const address = checkAddress('MQTT', options.url, ['mqtt', 'mqtts', 'ws', 'wss']);
    topicTemplate(options.topic ?? 'saccade/{stream}');
    const password = options.password === undefined ? address.password : await readSecret(options.password);
    const username = options.username ?? address.username;
    // Loaded here, since few programs need it and it takes a while.
    const { connect } = await import('mqtt');
    const client = connect(address.url.href, clientOptions(options, { username, password }));
    const sink = new MqttSink<Row>(client, address, options, hooks.clock ?? systemClock);
    await new Promise<void>(resolve => {
      client.once('connect', () => resolve());
      client.once('close', () => resolve());
    });
    if (sink.#refusal !== null) {
      await client.endAsync(true);
      throw sink.#refusal;
    }
    return sink;
  }

  /**
   * Takes rows; waits while `maxQueued` wait for the broker.
   * @throws SINK_BROKER_REFUSED - when the broker refuses this client after a reconnection; SINK_CLOSED - after disposal.
   */
  async write(rows: readonly Row[]): Promise<void> {
    if (this.#isClosed) throw sinkErrors.create('SINK_CLOSED', { path: this.#target });
    await this.#queue.write(rows);
  }

  /** Resolves when the broker has confirmed every row. Throws as {@link write}. */
  async flush(): Promise<void> {
    await this.#queue.flush();
  }

  /**
   * Waits for the broker for up to `drainTimeoutMs`, says that the sink is offline, and disconnects. Rows that were not
   * confirmed become dead letters.
   * @throws SINK_UNDELIVERED - when there is no file for them; otherwise as {@link write}.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      const isFlushed = await withinTime(this.#clock, this.#drainTimeoutMs, this.#queue.flush());
      if (isFlushed) await this.#leave();
      else {
        const rows = [...this.#unconfirmed, ...this.#queue.takeWaiting()];
        await this.#letters.add(rows, {
          attempts: 1,
          reason: 'the broker did not confirm them before the sink was closed',
        });
      }
    } finally {
      await this.#client.endAsync(true);
    }
  }

  /** Says goodbye in good order, which makes the broker forget the last will: so that is said before. */
  async #leave(): Promise<void> {
    if (!this.#client.connected) return;
    const left = (async () => {
      await this.#client.publishAsync(this.#statusTopic, 'offline', { qos: 1, retain: true });
      await this.#client.endAsync();
    })();
    await withinTime(this.#clock, this.#drainTimeoutMs, left);
  }
}

function statusTopicOf({ statusTopic = 'saccade/status' }: MqttOptions): string {
  if (/[{}+#\0]/.test(statusTopic) || statusTopic === '') {
    throw sinkErrors.create('SINK_TOPIC_INVALID', { topic: statusTopic });
  }
  return statusTopic;
}

function clientOptions(
  options: MqttOptions,
  { username, password }: { readonly username: string | undefined; readonly password: string | undefined },
): IClientOptions {
  return {
    ...(options.clientId !== undefined && { clientId: options.clientId }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    reconnectPeriod: options.reconnectMs ?? 1000,
    // A broker that is only just starting refuses with "server unavailable".
    reconnectOnConnackError: true,
    connectTimeout: 10_000,
    will: { topic: statusTopicOf(options), payload: Buffer.from('offline'), qos: 1, retain: true },
  };
}
