// A line of strace's output, taken apart: strace(1) with -f, -ttt, -T and -o, so each begins with the thread and the time.
// Without I/O, and without a view of what the calls mean.

/** A call as it began. */
export interface Begun {
  readonly tid: number;
  /** The wall clock in microseconds. */
  readonly at: number;
  readonly name: string;
  /** As far as strace knew them then. */
  readonly args: string;
}

/** How a call ended. */
export interface CallResult {
  /** What it returned, or -1; undefined for `?`: it never returned, or the kernel makes it again. */
  readonly result: number | undefined;
  /** The error's name, also those that only a tracer sees: ERESTARTSYS. */
  readonly errno: string | undefined;
  /** What stands behind the result: the descriptor that it is, or what poll(2) and select(2) found. */
  readonly detail: string;
  /** From -T, in microseconds; undefined where strace gave none. */
  readonly tookUs: number | undefined;
}

export type Line =
  | ({ readonly kind: 'begun' } & Begun)
  | ({ readonly kind: 'call' | 'resumed' } & Begun & CallResult)
  | { readonly kind: 'signal'; readonly tid: number; readonly at: number; readonly signal: string }
  | { readonly kind: 'ended'; readonly tid: number; readonly at: number; readonly how: string };

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
  const head = parseHead(text);
  if (head === undefined) return undefined;
  const { rest, ...common } = head;
  const ended = ENDED.exec(rest);
  if (ended !== null) return { ...common, kind: 'ended', how: ended[1]! };
  const signal = SIGNAL.exec(rest);
  if (signal !== null) return { ...common, kind: 'signal', signal: signal[1]! };
  const resumed = RESUMED.exec(rest);
  const call = resumed ?? CALL.exec(rest);
  if (call === null) return undefined;
  const [, name, behind] = call as unknown as [string, string, string];
  const unfinished = resumed === null ? UNFINISHED.exec(behind) : null;
  if (unfinished !== null) return { ...common, kind: 'begun', name, args: unfinished[1]! };
  const complete = parseComplete(behind);
  return complete && { ...common, kind: resumed === null ? 'call' : 'resumed', name, ...complete };
}

/**
 * A line that strace has only begun, because the thread sleeps in the call: it writes the rest when the call returns.
 * Undefined where too little of it is there.
 */
export function parseBeginning(text: string): Begun | undefined {
  const head = parseHead(text);
  const call = head && CALL.exec(head.rest);
  if (!call || COMPLETE.test(call[2]!)) return undefined;
  return { tid: head.tid, at: head.at, name: call[1]!, args: call[2]! };
}

function parseHead(text: string) {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [, tid, seconds, micros, rest] = head as unknown as [string, string, string, string, string];
  return { tid: Number(tid), at: microseconds(seconds, micros), rest };
}

function parseComplete(text: string): (CallResult & { readonly args: string }) | undefined {
  const complete = COMPLETE.exec(text);
  if (complete === null) return undefined;
  const [, args, value, behind, seconds, micros] = complete as unknown as [
    string,
    string,
    string,
    string,
    string?,
    string?,
  ];
  const result = value === '?' ? undefined : Number(value);
  return {
    args: args.replace(/ ?<unfinished \.\.\.>$/, ''), // of a call that the end of its thread interrupted
    result,
    errno: result === undefined || result < 0 ? ERRNO.exec(behind)?.[1] : undefined,
    detail: behind.trim(),
    tookUs: seconds === undefined ? undefined : microseconds(seconds, micros!),
  };
}

const microseconds = (seconds: string, micros: string): number => Number(seconds) * 1e6 + Number(micros);
