// Expected lines, as a walkthrough's author writes them, and what they match; search.ts looks for them.
// `...` is anything within a line, a line `...` is any lines, `<name>` is a word that is the same wherever it is named.

/** What the names stand for, so far in a step. */
export type Bindings = ReadonlyMap<string, string>;

const COMPARISONS = {
  not: (value: string, other: string) => value !== other,
  'at least': (value: string, other: string) => Number(value) >= Number(other),
  'at most': (value: string, other: string) => Number(value) <= Number(other),
  'more than': (value: string, other: string) => Number(value) > Number(other),
  'less than': (value: string, other: string) => Number(value) < Number(other),
};

interface Condition {
  readonly comparison: keyof typeof COMPARISONS;
  /** A number, or the name of what was found before. */
  readonly than: string;
}

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'anything' }
  | { readonly kind: 'space' }
  | { readonly kind: 'name'; readonly name: string; readonly conditions: readonly Condition[] };

interface Compiled {
  readonly expression: RegExp;
  /** The group that holds the value of each name that had none. */
  readonly groups: ReadonlyMap<string, string>;
}

const TOKEN = /(\s+)|(\.\.\.)|<([a-z][a-z0-9-]*)(?:, ([^<>]+))?>/g;
const CONDITION = new RegExp(`^(${Object.keys(COMPARISONS).join('|')}) (\\S+)$`);
const NUMBER = '[-+]?\\d+(?:\\.\\d+)?';
/** A word ends at a comma or a bracket too, so that `(127.0.0.1, <port>, ...)` names the port alone. */
const WORD = '[^\\s,()]+';

/** One expected line. Any whitespace counts as one blank, because programs pad their columns differently. */
export class LinePattern {
  readonly text: string;
  readonly #parts: readonly Part[];
  /** A search asks with the same bindings for line after line. */
  readonly #compiled = new WeakMap<Bindings, Compiled>();

  /** Throws a sentence without its full stop where a condition can't be read. */
  constructor(text: string) {
    this.text = text.trim();
    this.#parts = parts(this.text);
  }

  get isAnyLines(): boolean {
    return this.text === '...';
  }

  /** The names that it gives a value to, where they have none yet. */
  get names(): string[] {
    return this.#parts.flatMap((part) => (part.kind === 'name' ? [part.name] : []));
  }

  /** The names that must have a value before. */
  get comparedWith(): string[] {
    return this.#parts
      .flatMap((part) => (part.kind === 'name' ? part.conditions : []))
      .map(({ than }) => than)
      .filter((than) => !isNumber(than));
  }

  /** The bindings after the line, the same object where it binds nothing; undefined where it does not match. */
  match(line: string, bindings: Bindings): Bindings | undefined {
    const { expression, groups } = this.#compile(bindings);
    const match = expression.exec(line.trim());
    if (match === null) return undefined;
    let after = bindings;
    if (groups.size > 0) {
      const found = [...groups].map(([name, group]) => [name, match.groups![group]!] as const);
      after = new Map([...bindings, ...found]);
    }
    return this.conditionsHold(after) ? after : undefined;
  }

  /** Whether the line could match once its free names have values: what does not resemble it now never will. */
  resembles(line: string, bindings: Bindings): boolean {
    return this.#compile(bindings).expression.test(line.trim());
  }

  /** A name without a value, found later or skipped with its block, is nothing to compare with. */
  conditionsHold(bindings: Bindings): boolean {
    return this.#parts.every(
      (part) => part.kind !== 'name' || part.conditions.every((each) => holds(part.name, each, bindings)),
    );
  }

  #compile(bindings: Bindings): Compiled {
    let compiled = this.#compiled.get(bindings);
    if (compiled === undefined) {
      const groups = new Map<string, string>();
      const source = this.#parts.map((part, index) => this.#source(part, index, bindings, groups)).join('');
      compiled = { expression: new RegExp(`^${source}$`), groups };
      this.#compiled.set(bindings, compiled);
    }
    return compiled;
  }

  #source(part: Part, index: number, bindings: Bindings, groups: Map<string, string>): string {
    switch (part.kind) {
      case 'literal':
        return literally(part.text);
      case 'space':
        return this.#besideAnything(index) ? '' : '\\s+';
      case 'anything':
        return this.#anything(index);
      case 'name': {
        const value = bindings.get(part.name);
        if (value !== undefined) return literally(value);
        const group = groups.get(part.name);
        if (group !== undefined) return `\\k<${group}>`;
        groups.set(part.name, `g${index}`);
        const isNumeric = part.conditions.some(({ comparison }) => comparison !== 'not');
        return `(?<g${index}>${isNumeric ? NUMBER : WORD})`;
      }
    }
  }

  #besideAnything(index: number): boolean {
    return this.#parts[index - 1]?.kind === 'anything' || this.#parts[index + 1]?.kind === 'anything';
  }

  /** `a ... b` matches `a b` too, but never `ab`: the blanks around the dots belong to them. */
  #anything(index: number): string {
    const before = this.#parts[index - 1]?.kind === 'space';
    const after = this.#parts[index + 1]?.kind === 'space';
    if (before && after) return '\\s(?:.*?\\s)?\\s*';
    if (before) return '(?:\\s.*)?';
    if (after) return '(?:.*?\\s)?\\s*';
    return '.*?';
  }
}

function parts(text: string): Part[] {
  const found: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) found.push({ kind: 'literal', text: text.slice(end, match.index) });
    const [whole, space, dots, name, conditions] = match;
    if (space !== undefined) found.push({ kind: 'space' });
    else if (dots !== undefined) found.push({ kind: 'anything' });
    else found.push({ kind: 'name', name: name!, conditions: readConditions(conditions, whole) });
    end = match.index + whole.length;
  }
  if (end < text.length) found.push({ kind: 'literal', text: text.slice(end) });
  return found;
}

function readConditions(text: string | undefined, whole: string): Condition[] {
  if (text === undefined) return [];
  return text.split(', ').map((each) => {
    const match = CONDITION.exec(each);
    const [comparison, than] = [match?.[1] as Condition['comparison'], match?.[2] ?? ''];
    if (match === null || !(isNumber(than) || /^[a-z][a-z0-9-]*$/.test(than))) {
      throw new Error(
        `"${each}" in ${whole} is no condition. Write "not", "at least", "at most", "more than" or "less than", then a number or a name`,
      );
    }
    return { comparison, than };
  });
}

function holds(name: string, { comparison, than }: Condition, bindings: Bindings): boolean {
  const value = bindings.get(name);
  const other = isNumber(than) ? than : bindings.get(than);
  return value === undefined || other === undefined || COMPARISONS[comparison](value, other);
}

const isNumber = (text: string): boolean => new RegExp(`^${NUMBER}$`).test(text);
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
