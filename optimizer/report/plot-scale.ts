/** Places values along an axis. */
export interface PlotScale {
  /** Place of a value in px. */
  at(value: number): number;
  /** Values to mark, ascending, within the range. */
  readonly ticks: readonly number[];
}

/** What an axis shows, and where. */
export interface PlotRange {
  /** Least and greatest value; above 0 for ratios. */
  readonly from: number;
  readonly to: number;
  /** Places of the two in px. */
  readonly fromPx: number;
  readonly toPx: number;
}

/** Equal ratios have equal lengths; ticks at 1, 2 and 5 times powers of ten, or at powers alone when those are many. */
export function ratioScale({ from, to, fromPx, toPx }: PlotRange): PlotScale {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const at = (value: number): number => fromPx + ((Math.log10(value) - low) / (high - low)) * (toPx - fromPx);
  const decades = high - low;
  const steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(6));
      if (tick >= from * 0.999 && tick <= to * 1.001) ticks.push(tick);
    }
  }
  return { at, ticks };
}

/** Equal differences have equal lengths; about `count` round ticks. */
export function linearScale({ from, to, fromPx, toPx }: PlotRange, count = 5): PlotScale {
  const at = (value: number): number => fromPx + ((value - from) / (to - from)) * (toPx - fromPx);
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find(factor => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to * (1 + 1e-9); i++) ticks.push(Number((i * step).toPrecision(6)));
  return { at, ticks };
}

/** A place in px, short enough for thousands of marks. */
export function px(place: number): string {
  return String(Math.round(place * 10) / 10);
}
