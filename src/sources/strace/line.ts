// A line of strace's output, taken apart: strace(1) with -f, -ttt, -T and -o, so each begins with the thread and the time.
// Without I/O, and without a view of what the calls mean.

/** What every line has. `at`: the wall clock in microseconds. */
interface Common {
  readonly tid: number;
  readonly at: number;
}

/** How a call ended. */
export interface Outcome {
  /** What it returned, or -1; undefined for `?`: it never returned, or the kernel makes it again. */
  readonly result: number | undefined;
  /** The error's name, also those that only a tracer sees: ERESTARTSYS. */
  readonly errno: string | undefined;
  /** What stands behind the result: the descriptor that it is, or what poll(2) and select(2) found. */
  readonly detail: string;
  /** From -T, in microseconds; undefined where strace gave none. */
  readonly tookUs: number | undefined;
}

export type Line = Common &
  (
    | { readonly kind: 'call'; readonly name: string; readonly args: string; readonly outcome: Outcome }
    | { readonly kind: 'unfinished'; readonly name: string; readonly args: string }
    | { readonly kind: 'resumed'; readonly name: string; readonly args: string; readonly outcome: Outcome }
    | { readonly kind: 'signal'; readonly signal: string }
    | { readonly kind: 'ended'; readonly how: string }
  );

const HEAD = /^(\d+)(?:<[^>]*>)? +(\d+)\.(\d{6}) (.*)$/s;
const SIGNAL = /^--- (?:stopped by )?(SIG\w+)/;
const ENDED = /^\+\+\+ (.*) \+\+\+$/;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/s;
const CALL = /^(\w+)\((.*)$/s;
const UNFINISHED = /^(.*?) ?<unfinished \.\.\.>$/s;
/** `) = 5<TCP:[...]> <0.000326>`. Greedy: what was received may contain the same characters. */
const COMPLETE = /^(.*)\) += (0x[0-9a-f]+|-?\d+|\?)(.*?)(?: <(\d+)\.(\d{6})>)?$/s;
/** The error's name behind -1 or `?`. */
const ERRNO = /^ (E[A-Z0-9]+)/;

/** Undefined where it is no line of strace's. */
export function parseLine(text: string): Line | undefined {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [, tid, seconds, micros, rest] = head as unknown as [string, string, string, string, string];
  const common = { tid: Number(tid), at: Number(seconds) * 1e6 + Number(micros) };
  const ended = ENDED.exec(rest);
  if (ended !== null) return { ...common, kind: 'ended', how: ended[1]! };
  const signal = SIGNAL.exec(rest);
  if (signal !== null) return { ...common, kind: 'signal', signal: signal[1]! };
  const resumed = RESUMED.exec(rest);
  if (resumed !== null) return closing(common, resumed[1]!, resumed[2]!, 'resumed');
  const call = CALL.exec(rest);
  if (call === null) return undefined;
  const [, name, behind] = call as unknown as [string, string, string];
  const unfinished = UNFINISHED.exec(behind);
  if (unfinished !== null) return { ...common, kind: 'unfinished', name, args: unfinished[1]! };
  return closing(common, name, behind, 'call');
}

/**
 * A line that strace has only begun, because the thread sleeps in the call: it writes the rest when the call returns.
 * Undefined where too little of it is there.
 */
export function parseBeginning(text: string): (Line & { kind: 'unfinished' }) | undefined {
  const head = HEAD.exec(text);
  const call = head && CALL.exec(head[4]!);
  if (!head || !call || COMPLETE.test(call[2]!)) return undefined;
  const at = Number(head[2]) * 1e6 + Number(head[3]);
  return { tid: Number(head[1]), at, kind: 'unfinished', name: call[1]!, args: call[2]! };
}

function closing(common: Common, name: string, text: string, kind: 'call' | 'resumed'): Line | undefined {
  const complete = COMPLETE.exec(text);
  if (complete === null) return undefined;
  const [, args, value, behind, seconds, micros] = complete as unknown as string[];
  const result = value === '?' ? undefined : Number(value);
  return {
    ...common,
    kind,
    name,
    args: args!.replace(/ ?<unfinished \.\.\.>$/, ''), // of a call that the end of its thread interrupted
    outcome: {
      result,
      errno: result === undefined || result < 0 ? ERRNO.exec(behind!)?.[1] : undefined,
      detail: behind!.trim(),
      tookUs: seconds === undefined ? undefined : Number(seconds) * 1e6 + Number(micros),
    },
  };
}
