import { Counter, Gauge, type Registry } from 'prom-client';

/** The labels and the value of one sample. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric whose values others keep. */
export interface ReadMetric {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Asked whenever the metrics are. */
  read(): Iterable<Sample>;
}

/** Adds a metric that is read when it is asked for, and costs nothing until then. */
export function addReadMetric(registry: Registry, { kind, name, help, labels, read }: ReadMetric): void {
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'gauge') {
    new Gauge({
      ...common,
      collect() {
        this.reset();
        for (const [sample, value] of read()) this.set({ ...sample }, value);
      },
    });
    return;
  }
  new Counter({
    ...common,
    collect() {
      this.reset();
      for (const [sample, value] of read()) this.inc({ ...sample }, value);
    },
  });
}
