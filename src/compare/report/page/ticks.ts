// The marks of a time axis, in s, ms or us, whichever the zoom asks for.

export interface Tick {
  readonly at: number;
  readonly label: string;
  /** A whole unit of the next larger kind, from which the others count on. */
  readonly strong: boolean;
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
  const found: Tick[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) found.push(tick(i * step, step));
  return found;
}

/** Where the first mark counts on from a whole unit that is out of sight to the left: that unit. */
export function anchor(found: readonly Tick[]): string | undefined {
  const first = found[0];
  if (first === undefined || first.strong || !first.label.startsWith('+')) return undefined;
  const { larger } = unitOf(found.length > 1 ? found[1]!.at - first.at : 1);
  return whole(Math.floor(first.at / larger) * larger);
}

/** The unit in which marks `step` apart are written, and the next larger one. */
function unitOf(step: number): { us: number; name: string; larger: number } {
  const index = UNITS.findIndex(({ us }) => step >= us);
  const unit = UNITS[index < 0 ? UNITS.length - 1 : index]!;
  return { ...unit, larger: unit.us === 1e6 ? Number.POSITIVE_INFINITY : unit.us * 1000 };
}

function tick(at: number, step: number): Tick {
  const { us, name, larger } = unitOf(step);
  if (larger === Number.POSITIVE_INFINITY) return { at, label: `${at / us} ${name}`, strong: false };
  const beyond = ((at % larger) + larger) % larger;
  if (beyond === 0) return { at, label: whole(at), strong: true };
  const counted = Math.floor(at / larger) !== 0;
  return { at, label: `${counted ? '+' : ''}${beyond / us} ${name}`, strong: false };
}

/** `3.2 s`, `412 ms`. */
function whole(at: number): string {
  if (at === 0) return '0';
  return Math.abs(at) >= 1e6 ? `${at / 1e6} s` : `${at / 1e3} ms`;
}
