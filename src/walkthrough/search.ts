// Looks for expected lines in what a terminal prints, while it prints. A line is read once, whatever comes after it, and no
// scan takes long: Ctrl-C and the time that a wait has are noticed between two of them.

import type { Bindings, LinePattern } from './pattern.js';

export interface Found {
  /** The output's line for each expected line; undefined for a line `...`. */
  readonly at: readonly (number | undefined)[];
  /** The line after the last that matched. */
  readonly end: number;
  readonly bindings: Bindings;
}

export interface Search {
  /** `lines`: from `whole` on they may still change. What is found first is given. */
  scan(lines: readonly string[], whole: number): Found | undefined;
  /** The last scan had no time for all of it: scan again. */
  readonly isBehind: boolean;
  readonly missing: Missing;
}

export interface Missing {
  /** The expected line that could not be found, after those before it. */
  readonly index: number;
  /** The output's line that stood in its place, where it has a place. */
  readonly insteadAt?: number;
}

/** How long a scan may take, in milliseconds. */
const SLICE_MS = 20;
/** Ways to read the output that are followed at a time; of more, those that began first. */
const MOST_WAYS = 10_000;

/** How the output so far can be read: what has matched, and what is to come next. */
interface Way {
  /** Of the expected line that is to come next. */
  readonly index: number;
  readonly bindings: Bindings;
  /** The output's line that the expected line before has matched; undefined for a line `...`. */
  readonly line: number | undefined;
  readonly before: Way | undefined;
}

/** All of the expected lines, one directly after the other; what comes before and after is free. */
export class SearchInOrder implements Search {
  isBehind = false;
  readonly #patterns: readonly LinePattern[];
  /** For each expected line the names that it or a later one mentions: by the others two ways do not differ. */
  readonly #mentioned: readonly (readonly string[])[];
  readonly #beginning: readonly Way[];
  #ways: readonly Way[] = [];
  #next: number;
  #reached = 0;
  #stoppedAt: number;

  constructor(patterns: readonly LinePattern[], from: number, bindings: Bindings) {
    this.#patterns = patterns;
    this.#mentioned = patterns.map((_, index) => [
      ...new Set(patterns.slice(index).flatMap(({ names, comparedWith }) => [...names, ...comparedWith])),
    ]);
    this.#next = from;
    this.#stoppedAt = from;
    const ways = new Map<string, Way>();
    this.#add(ways, { index: 0, bindings, line: undefined, before: undefined });
    this.#beginning = [...ways.values()];
  }

  get missing(): Missing {
    const isAnywhere = this.#reached === 0 || this.#patterns[this.#reached - 1]!.isAnyLines;
    return { index: this.#reached, ...(isAnywhere ? {} : { insteadAt: this.#stoppedAt }) };
  }

  scan(lines: readonly string[], whole: number): Found | undefined {
    const until = performance.now() + SLICE_MS;
    for (; this.#next < lines.length; this.#next++) {
      this.isBehind = performance.now() > until;
      if (this.isBehind) return undefined;
      const ways = this.#waysAfter(lines[this.#next]!);
      const complete = ways.find(({ index }) => index === this.#patterns.length);
      if (complete !== undefined)
        return { at: linesOf(complete), end: this.#next + 1, bindings: complete.bindings };
      if (this.#next >= whole) return undefined; // to be read again when it is whole
      this.#ways = ways;
    }
    this.isBehind = false;
    return undefined;
  }

  #waysAfter(text: string): Way[] {
    const ways = new Map<string, Way>();
    for (const way of [...this.#ways, ...this.#beginning]) {
      const pattern = this.#patterns[way.index]!;
      const bindings = pattern.isAnyLines ? undefined : pattern.match(text, way.bindings);
      if (pattern.isAnyLines) this.#add(ways, way);
      else if (bindings !== undefined)
        this.#add(ways, { index: way.index + 1, bindings, line: this.#next, before: way });
    }
    return [...ways.values()];
  }

  #add(ways: Map<string, Way>, way: Way): void {
    const { index, bindings } = way;
    // No line at all will do too, and the fewest are tried first.
    if (this.#patterns[index]?.isAnyLines)
      this.#add(ways, { index: index + 1, bindings, line: undefined, before: way });
    if (index > this.#reached) [this.#reached, this.#stoppedAt] = [index, this.#next + 1];
    const values = (this.#mentioned[index] ?? []).map((name) => bindings.get(name) ?? '');
    const key = [index, ...values].join(' ');
    const isComplete = index === this.#patterns.length;
    if (!ways.has(key) && (ways.size < MOST_WAYS || isComplete)) ways.set(key, way);
  }
}

function linesOf(complete: Way): (number | undefined)[] {
  const at: (number | undefined)[] = [];
  for (let way = complete; way.before !== undefined; way = way.before) at.unshift(way.line);
  return at;
}

/** Each expected line may be found anywhere: as in the tables of ss, whose rows have no order. */
export class SearchInAnyOrder implements Search {
  isBehind = false;
  readonly #patterns: readonly LinePattern[];
  readonly #from: number;
  readonly #bindings: Bindings;
  /** For each expected line the whole lines that resemble it. */
  readonly #alike: readonly number[][];
  #next: number;
  #unfinished = '';
  #placing: Iterator<undefined, Found | undefined> | undefined;
  #missing = { index: 0, placed: -1 };

  constructor(patterns: readonly LinePattern[], from: number, bindings: Bindings) {
    this.#patterns = patterns;
    this.#from = from;
    this.#next = from;
    this.#bindings = bindings;
    this.#alike = patterns.map(() => []);
  }

  get missing(): Missing {
    const never = this.#alike.findIndex((lines) => lines.length === 0);
    return { index: never >= 0 ? never : this.#missing.index };
  }

  scan(lines: readonly string[], whole: number): Found | undefined {
    const until = performance.now() + SLICE_MS;
    for (;;) {
      this.#placing ??= this.#begin(lines, whole);
      this.isBehind = this.#placing !== undefined;
      if (this.#placing === undefined || performance.now() > until) return undefined;
      const { done, value } = this.#placing.next();
      if (done) this.#placing = undefined;
      if (value !== undefined) return value;
    }
  }

  /** Undefined where nothing has come since, or a line is expected that none resembles. */
  #begin(lines: readonly string[], whole: number): Iterator<undefined, Found | undefined> | undefined {
    const unfinished = lines.slice(whole).join('\n');
    if (this.#next >= whole && unfinished === this.#unfinished) return undefined;
    this.#unfinished = unfinished;
    const alike = (line: number): boolean[] =>
      this.#patterns.map((pattern) => pattern.resembles(lines[line]!, this.#bindings));
    for (; this.#next < whole; this.#next++)
      for (const [index, is] of alike(this.#next).entries()) if (is) this.#alike[index]!.push(this.#next);
    let all: readonly number[][] = this.#alike;
    for (let line = Math.max(whole, this.#from); line < lines.length; line++) {
      const also = alike(line);
      all = all.map((each, index) => (also[index] ? [...each, line] : each));
    }
    if (all.some((each) => each.length === 0)) return undefined;
    return this.#place(lines, all, [], this.#bindings);
  }

  /** Finds a line for the expected line that has the fewest left, then for the others; yields between its steps. */
  *#place(
    lines: readonly string[],
    alike: readonly (readonly number[])[],
    at: readonly (number | undefined)[],
    bindings: Bindings,
  ): Generator<undefined, Found | undefined> {
    yield;
    const placed = this.#patterns.filter((_, index) => at[index] !== undefined);
    if (placed.length === this.#patterns.length)
      return { at, end: Math.max(...(at as number[])) + 1, bindings };
    const [next, itsLines] = this.#patterns
      .map((pattern, index) => [index, this.#linesLeft(pattern, lines, alike[index]!, at, bindings)] as const)
      .filter(([index]) => at[index] === undefined)
      .reduce((fewest, each) => (each[1].length < fewest[1].length ? each : fewest));
    for (const line of itsLines) {
      const after = this.#patterns[next]!.match(lines[line]!, bindings);
      if (after === undefined || !placed.every((each) => each.conditionsHold(after))) continue;
      const all = this.#patterns.map((_, index) => (index === next ? line : at[index]));
      const found = yield* this.#place(lines, alike, all, after);
      if (found !== undefined) return found;
    }
    if (placed.length > this.#missing.placed) this.#missing = { index: next, placed: placed.length };
    return undefined;
  }

  /** Expected lines of the same text take theirs in order: another order would be no other find. */
  #linesLeft(
    pattern: LinePattern,
    lines: readonly string[],
    alike: readonly number[],
    at: readonly (number | undefined)[],
    bindings: Bindings,
  ): number[] {
    const twins = at.filter((_, index) => this.#patterns[index]!.text === pattern.text);
    const after = Math.max(-1, ...twins.map((line) => line ?? -1));
    return alike.filter(
      (line) => line > after && !at.includes(line) && pattern.resembles(lines[line]!, bindings),
    );
  }
}
