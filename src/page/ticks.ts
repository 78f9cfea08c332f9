// The marks of a time axis. Each has its whole time, in one unit and with as many decimals as the zoom asks for.

export interface Tick {
  readonly at: number;
  readonly label: string;
}

const UNITS = [
  { us: 1e6, name: 's' },
  { us: 1e3, name: 'ms' },
  { us: 1, name: 'us' },
];

/** The smallest of 1, 2, 5, 10, 20, ... that is at least `least`. */
export function roundStep(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => each * magnitude >= least * (1 - 1e-9)) ?? 10;
  return factor * magnitude;
}

/** At most `most` marks from `from` to `to`, both in microseconds; no two closer than a microsecond. */
export function ticks(from: number, to: number, most: number): Tick[] {
  const step = Math.max(1, roundStep((to - from) / Math.max(1, most)));
  const first = Math.ceil(from / step);
  const number = Math.max(0, Math.floor(to / step) - first + 1);
  return labelled(Array.from({ length: number }, (_, i) => Math.round((first + i) * step)));
}

/** Times, in microseconds, in one unit: the one in which the largest is at least 1. */
export function labelled(times: readonly number[]): Tick[] {
  const largest = Math.max(1, ...times.map(Math.abs));
  const { us, name } = UNITS.find((each) => largest >= each.us)!;
  // As few decimals as show all of them exactly: a whole microsecond is the least.
  const most = Math.log10(us);
  const decimals = [0, 1, 2, 3, 4, 5, 6].find(
    (each) =>
      each >= most || times.every((at) => Number.isInteger(Number(((at / us) * 10 ** each).toFixed(6)))),
  )!;
  return times.map((at) => ({ at, label: at === 0 ? '0' : `${(at / us).toFixed(decimals)} ${name}` }));
}
