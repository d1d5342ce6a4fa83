/** Rounds to 6 significant digits: what a float32 holds, without the tail that its conversion to a double adds. */
export function tidyNumber(value: number): number {
  return Number(value.toPrecision(6));
}
