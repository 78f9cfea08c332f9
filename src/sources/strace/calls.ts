// From lines to calls: joins what strace has cut in two, because another thread's line came in between, and knows at each
// moment in which calls threads are.

import { type Begun, type CallResult, type Line, parseBeginning, parseLine } from './line.js';

export interface Call extends Begun, CallResult {
  /** When it returned. */
  readonly until: number;
}

export type Traced =
  | ({ readonly kind: 'call' } & Call)
  | Extract<Line, { readonly kind: 'begun' | 'signal' | 'ended' }>;

export class CallReader {
  /** By thread, what it has made and not come back from. */
  readonly #begun = new Map<number, Begun>();
  #rest = '';
  /** Lines that were no line of strace's. */
  unknown = 0;

  /** Text in pieces, cut anywhere. `begun` comes only for a call that strace had to cut in two. */
  *take(text: string): Generator<Traced> {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const text of lines) {
      const line = parseLine(text);
      const traced = line && this.#traced(line);
      if (traced !== undefined) yield traced;
      else if (text.trim() !== '') this.unknown++;
    }
  }

  /** The calls that threads are in. `withLast`: that of the last line too, of which strace has written only the beginning. */
  *inCalls(withLast: boolean): Generator<Begun> {
    yield* this.#begun.values();
    const last = withLast ? parseBeginning(this.#rest) : undefined;
    if (last !== undefined) yield last;
  }

  #traced(line: Line): Traced {
    const begun = this.#begun.get(line.tid);
    switch (line.kind) {
      case 'begun':
        this.#begun.set(line.tid, line);
        return line;
      case 'call':
        return returned(line, line.at);
      case 'resumed':
        this.#begun.delete(line.tid);
        // It has no beginning where strace was attached while the thread slept in it.
        return returned({ ...line, ...begun, args: (begun?.args ?? '') + line.args }, line.at);
      case 'ended':
        this.#begun.delete(line.tid);
        return line;
      case 'signal':
        return line;
    }
  }
}

const returned = (call: Begun & CallResult, seenAt: number): Traced => ({
  ...call,
  kind: 'call',
  until: call.tookUs === undefined ? Math.max(call.at, seenAt) : call.at + call.tookUs,
});
