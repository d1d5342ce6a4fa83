import { Counter, Histogram, type Registry } from 'prom-client';
import type { PictureAnswer } from './answer-body.ts';
import { latencyBuckets } from './request-metrics.ts';

/** Counts the answers of queries, and measures how long they took. */
export class QueryMetrics {
  readonly #latencies: Histogram<'query'>;
  readonly #answers: Counter<'query' | 'decided_by'>;

  /** Adds its metrics. */
  constructor(registry: Registry) {
    const registers = [registry];
    this.#latencies = new Histogram({
      name: 'saccade_end_to_end_latency_seconds',
      help: 'Time from the headers of a request until its answer was there',
      labelNames: ['query'],
      buckets: latencyBuckets,
      registers,
    });
    this.#answers = new Counter({
      name: 'saccade_query_answers_total',
      help: 'Answers to single pictures, by who gave them',
      labelNames: ['query', 'decided_by'],
      registers,
    });
  }

  /** Counts one answer. @param tookMs - From the headers of its request on. */
  count(query: string, answer: PictureAnswer | null, tookMs: number): void {
    this.#latencies.observe({ query }, tookMs / 1000);
    if (answer !== null) this.#answers.inc({ query, decided_by: answer.decidedBy });
  }
}
