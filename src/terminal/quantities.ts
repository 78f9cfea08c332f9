// Numbers with their units, short enough for a column and exact enough for a class.

/** `850 us`, `18.2 ms`, `1.23 s`, `2 min 5 s`. */
export function duration(microseconds: number): string {
  // The bounds hold for the rounded numbers.
  if (microseconds < 999.5) return `${Math.round(microseconds)} us`;
  if (microseconds < 999.5e3) return `${threeDigits(microseconds / 1e3)} ms`;
  if (microseconds < 59.95e6) return `${threeDigits(microseconds / 1e6)} s`;
  const seconds = Math.round(microseconds / 1e6);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

/** `1 byte`, `2,048 bytes`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}

/** `12,345`, rounded. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Seconds with microseconds, as strace -r and tcpdump write them. */
export function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}
