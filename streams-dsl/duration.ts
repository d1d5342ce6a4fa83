/** A span of time: text with its unit such as `200ms`, `1s`, `5m`, `2h`, or a number of ms, 0 or more. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h`;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a duration; undefined when it is none. The result is in ms, 0 or more, and may be a fraction. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? [];
  const factor = unit === undefined ? undefined : unitMs[unit];
  return factor === undefined ? undefined : Number(amount) * factor;
}

/** A checked duration in µs, an integer: what stream time is counted in. */
export function durationUs(duration: Duration): number {
  return Math.round((parseDuration(duration) ?? Number.NaN) * 1000);
}

/** A checked duration in ms. */
export function durationMs(duration: Duration): number {
  return parseDuration(duration) ?? Number.NaN;
}
