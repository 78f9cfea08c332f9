// From lines to calls: joins what strace has cut in two, because another thread's line came in between, and knows at each
// moment in which calls threads are.

import { type Line, type Outcome, parseBeginning, parseLine } from './line.js';

/** A call that a thread has made and not come back from. */
export interface Begun {
  readonly tid: number;
  readonly name: string;
  /** As far as strace knew them when the call began. */
  readonly args: string;
  /** The wall clock in microseconds. */
  readonly at: number;
}

export interface Call extends Begun, Outcome {
  /** When it returned. */
  readonly until: number;
}

export type Traced =
  | ({ readonly kind: 'begun' } & Begun)
  | ({ readonly kind: 'call' } & Call)
  | Extract<Line, { readonly kind: 'signal' | 'ended' }>;

export class CallReader {
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

  #traced(line: Line): Traced | undefined {
    const { tid, at } = line;
    switch (line.kind) {
      case 'unfinished': {
        const begun = { tid, at, name: line.name, args: line.args };
        this.#begun.set(tid, begun);
        return { kind: 'begun', ...begun };
      }
      case 'call':
        return this.#call({ tid, at, name: line.name, args: line.args }, line.outcome, at);
      case 'resumed': {
        const begun = this.#begun.get(tid);
        this.#begun.delete(tid);
        // Without its beginning: strace was attached while the thread slept in it.
        if (begun === undefined)
          return this.#call({ tid, at, name: line.name, args: line.args }, line.outcome, at);
        return this.#call({ ...begun, args: begun.args + line.args }, line.outcome, at);
      }
      case 'ended':
        this.#begun.delete(tid);
        return line;
      default:
        return line;
    }
  }

  #call(begun: Begun, outcome: Outcome, seenAt: number): Traced {
    const until = outcome.tookUs === undefined ? Math.max(begun.at, seenAt) : begun.at + outcome.tookUs;
    return { kind: 'call', ...begun, ...outcome, until };
  }
}
