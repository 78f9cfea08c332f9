// Numbers with their units, short enough for a column and exact enough for a class.

/** `850 us`, `18.2 ms`, `1.23 s`, `2 min 5 s`; with two digits `18 ms`, `1.2 s`. */
export function duration(microseconds: number, digits: 2 | 3 = 3): string {
  // The bounds hold for the rounded numbers.
  if (microseconds < 999.5) return `${Math.round(microseconds)} us`;
  if (microseconds < 999.5e3) return `${inDigits(microseconds / 1e3, digits)} ms`;
  if (microseconds < 59.95e6) return `${inDigits(microseconds / 1e6, digits)} s`;
  const seconds = Math.round(microseconds / 1e6);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** At least so many digits, and no digit before the point is left out. The bounds are those of the rounded numbers. */
function inDigits(value: number, digits: number): string {
  const before = value < 10 - 5 * 10 ** -digits ? 1 : value < 100 - 5 * 10 ** (1 - digits) ? 2 : 3;
  return value.toFixed(Math.max(0, digits - before));
}

/** `1 byte`, `2,048 bytes`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}

/** `1 client waits`, `3 clients wait`. */
export function countWaiting(value: number, one: string): string {
  return `${count(value, one)} ${value === 1 ? 'waits' : 'wait'}`;
}

/** `12,345`, rounded. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Seconds with microseconds, as strace -r and tcpdump write them. */
export function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}

/** What serves: threads, or processes with one thread each that serves. */
export const PLURALS = { thread: 'threads', process: 'processes' } as const;
export type Servant = keyof typeof PLURALS;

export const servantIn = (mode: string): Servant => (/^processes\b/.test(mode) ? 'process' : 'thread');

/** What serves in a model. */
export const servantsOf = (mode: string): string => PLURALS[servantIn(mode)];

/** `5 threads`, or `5 processes`, the one that accepts among them. */
export const countServants = (mode: string, many: number): string =>
  count(many, servantIn(mode), servantsOf(mode));
