/** Where `holds` turns from false to true between `low` and `high`, to 2^-60 of their distance. */
export function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 60; step++) {
    const middle = (from + to) / 2;
    if (holds(middle)) to = middle;
    else from = middle;
  }
  return to;
}
