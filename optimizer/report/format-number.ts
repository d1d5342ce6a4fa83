/** A share as percent with 2 decimals below 10 %, 1 above; a dash for null. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
}

/** A number with 3 significant digits, or whole from 100 on. */
export function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A length of time for people, such as `42 s`, `12 min` or `3.5 h`. @param seconds - 0 or more. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  return `${short(seconds / 3600)} h`;
}

/** A time in µs for people, such as `820 µs` or `12.3 ms`. */
export function microseconds(valueUs: number): string {
  return valueUs < 1000 ? `${short(valueUs)} µs` : `${short(valueUs / 1000)} ms`;
}

/** A moment of footage, such as `0:07.5` or `1:02:07`. @param seconds - From its start, 0 or more. */
export function moment(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const rest = (tenths % 600) / 10;
  if (hours > 0) return `${hours}:${String(minutes).padStart(2, '0')}:${String(Math.floor(rest)).padStart(2, '0')}`;
  return `${minutes}:${rest.toFixed(1).padStart(4, '0')}`;
}

/** A number as a place in a row, such as `22nd`. @param value - An integer of 1 or more. */
export function ordinal(value: number): string {
  const isTeen = Math.floor(value / 10) % 10 === 1;
  const ending = isTeen ? undefined : ['th', 'st', 'nd', 'rd'][value % 10];
  return `${value}${ending ?? 'th'}`;
}
