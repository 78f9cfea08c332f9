// Readers for the values of options: each gives the value, or says in one sentence what it expected.

import { Option } from 'commander';
import { closestMatch } from 'leven';
import { LONGEST_PAUSE_MS, type Pace } from '../models/options.js';
import { CliError, WRONG_USAGE } from './errors.js';

/** Gives the value that the text stands for; undefined where it stands for none. */
interface Reader<T> {
  readonly expected: string;
  readonly read: (text: string) => T | undefined;
  readonly hint?: (text: string) => string | undefined;
}

/** An option whose value is read by `reader`. */
export function option<T>(flags: string, description: string, reader: Reader<T>): Option {
  const name = flags.split(' ')[0];
  return new Option(flags, description).argParser((text: string): T => {
    const value = reader.read(text);
    if (value !== undefined) return value;
    const hint = reader.hint?.(text) ?? 'see the command with --help.';
    throw new CliError(
      `${name} expects ${reader.expected}, found ${JSON.stringify(text)}; ${hint}`,
      WRONG_USAGE,
    );
  });
}

/** Of an address or a name. An empty text is no host: it is what a shell makes of a variable that is not set. */
export const host: Reader<string> = {
  expected: 'an address or a name',
  read: (text) => (text.trim() === '' ? undefined : text),
};

export function wholeNumber(least: number, most: number): Reader<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (text) =>
      /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
  };
}

/** Fractions allowed. */
export function numberUpTo(most: number): Reader<number> {
  return {
    expected: `a number from 0 to ${most}`,
    read: (text) => (/^\d{1,15}(\.\d{1,6})?$/.test(text) && Number(text) <= most ? Number(text) : undefined),
  };
}

const LARGEST_FACTOR = 100_000;

/** `200` and `200ms` are milliseconds, `1000x` is a factor. */
export const pace: Reader<Pace> = {
  expected: `milliseconds from 1 to ${LONGEST_PAUSE_MS} such as 200ms, or a factor from 2 to ${LARGEST_FACTOR} such as 1000x`,
  read: (text) => {
    const [, digits, unit] = /^(\d{1,15})(ms|x)?$/.exec(text) ?? [];
    const number = Number(digits);
    if (unit === 'x') return number >= 2 && number <= LARGEST_FACTOR ? { factor: number } : undefined;
    return number >= 1 && number <= LONGEST_PAUSE_MS ? { ms: number } : undefined;
  },
};

/** A near miss is told the word it may have meant. */
export function oneOf<T extends string>(words: readonly T[]): Reader<T> {
  return {
    expected: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    read: (text) => words.find((each) => each === text),
    hint: (text) => {
      const near = closestMatch(text, words, { maxDistance: 3 });
      return near === undefined ? undefined : `did you mean ${near}?`;
    },
  };
}

const MOST_CONNECTIONS = 100_000;

/** Both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** `connections=10..10000` */
export const connectionsRange: Reader<Range> = {
  expected: `connections=A..B, whole numbers from 1 to ${MOST_CONNECTIONS} with A below B`,
  read: (text) => {
    const [, from, to] = /^connections=(\d{1,15})\.\.(\d{1,15})$/.exec(text)?.map(Number) ?? [];
    if (from === undefined || to === undefined) return undefined;
    return from >= 1 && from < to && to <= MOST_CONNECTIONS ? { from, to } : undefined;
  },
  hint: () => 'try connections=10..10000.',
};

/** Words with commas between them, none of them twice. */
export function someOf<T extends string>(words: readonly T[]): Reader<readonly T[]> {
  const one = oneOf(words);
  const hint = (text: string): string | undefined => {
    const wrong = text.split(',').find((each) => one.read(each) === undefined);
    return wrong === undefined ? undefined : one.hint?.(wrong);
  };
  return {
    expected: `one or more of ${words.join(', ')}, with commas between them`,
    read: (text) => {
      const found = text.split(',').flatMap((each) => one.read(each) ?? []);
      return found.length === text.split(',').length && new Set(found).size === found.length
        ? found
        : undefined;
    },
    hint,
  };
}
