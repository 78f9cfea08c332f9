// How options are declared, and readers for their values: each gives the value, or says what to use instead.

import { Argument, Option } from 'commander';
import { LONGEST_PAUSE_MS, type Pace } from '../models/options.js';
import { MYSTERIES } from '../mystery/fault.js';
import { CliError, WRONG_USAGE } from './errors.js';

/** Gives the value that a text stands for, or undefined. */
export interface Reader<T> {
  /** Completes the sentence "Use ...". */
  readonly use: string;
  readonly read: (text: string) => T | undefined;
}

/** As commander wants it. Throws where the text stands for no value; `what`: the beginning of that sentence. */
const parser =
  <T>(what: string, { read, use }: Reader<T>) =>
  (text: string): T => {
    const value = read(text);
    if (value !== undefined) return value;
    throw new CliError(`${what} cannot be ${JSON.stringify(text)}. Use ${use}.`, WRONG_USAGE);
  };

/** An option whose value is read by `reader`. */
export function option<T>(flags: string, description: string, reader: Reader<T>): Option {
  const declared = new Option(flags, description);
  return declared.argParser(parser(declared.long!, reader));
}

/** `name` without its brackets is what stands in a sentence about a wrong value. */
export const argument = <T>(name: string, description: string, reader: Reader<T>): Argument =>
  new Argument(name, description).argParser(parser(`The ${name.replaceAll(/\W/g, '')}`, reader));

export const numberOption = (flag: string, description: string, least: number, most: number): Option =>
  option(`${flag} <number>`, description, wholeNumber(least, most));

export function choice(flags: string, description: string, choices: readonly string[]): Option {
  const declared = new Option(flags, description).choices(choices); // which --help lists
  const one: Reader<string> = {
    use: `one of ${choices.join(', ')}`,
    read: (text) => choices.find((each) => each === text),
  };
  return declared.argParser(parser(declared.long!, one));
}

/** `other`: the format for programs. */
export const formatOption = (other: 'json' | 'ndjson'): Option =>
  choice('--format <name>', 'output format', ['pretty', other]).default('pretty');

/** An option that can be given several times: its values in a list. */
export function repeated<T>(flags: string, description: string, reader: Reader<T>): Option {
  const declared = new Option(flags, description);
  const parse = parser(declared.long!, reader);
  return declared.argParser((text: string, before: readonly T[] = []) => [...before, parse(text)]);
}

/** An address or a name. A shell makes an empty text of a variable that is not set: that is no host. */
export const host: Reader<string> = {
  use: 'an address or a name',
  read: (text) => (text.trim() === '' ? undefined : text),
};

export function wholeNumber(least: number, most: number): Reader<number> {
  return {
    use: `a whole number from ${least} to ${most}`,
    read: (text) =>
      /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
  };
}

/** A flag as it is typed: `--max-threads` for `maxThreads`. */
export const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export const mysteryNumber = wholeNumber(1, MYSTERIES);

export const seed: Reader<string> = {
  use: 'a word of at most 40 letters, digits, - and _',
  read: (text) => (/^[\w-]{1,40}$/.test(text) ? text : undefined),
};

export const pageOption = (
  description = 'a live page for a browser on this machine; 0 takes a free port',
): Option => option('--page [port]', description, wholeNumber(0, 65_535)).preset('8090');

/** Fractions allowed. */
export function numberUpTo(most: number): Reader<number> {
  return {
    use: `a number from 0 to ${most}`,
    read: (text) => (/^\d{1,15}(\.\d{1,6})?$/.test(text) && Number(text) <= most ? Number(text) : undefined),
  };
}

const LARGEST_FACTOR = 100_000;

/** `200` and `200ms` are milliseconds, `1000x` is a factor. */
export const pace: Reader<Pace> = {
  use: `milliseconds from 1 to ${LONGEST_PAUSE_MS} such as 200ms, or a factor from 2 to ${LARGEST_FACTOR} such as 1000x`,
  read: (text) => {
    const [, digits, unit] = /^(\d{1,15})(ms|x)?$/.exec(text) ?? [];
    const number = Number(digits);
    if (unit === 'x') return number >= 2 && number <= LARGEST_FACTOR ? { factor: number } : undefined;
    return number >= 1 && number <= LONGEST_PAUSE_MS ? { ms: number } : undefined;
  },
};

const MOST_CONNECTIONS = 100_000;

/** Both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** `connections=10..10000` */
export const connectionsRange: Reader<Range> = {
  use: `connections=A..B, such as connections=10..10000: whole numbers from 1 to ${MOST_CONNECTIONS}, A below B`,
  read: (text) => {
    const [, from, to] = /^connections=(\d{1,15})\.\.(\d{1,15})$/.exec(text)?.map(Number) ?? [];
    if (from === undefined || to === undefined) return undefined;
    return from >= 1 && from < to && to <= MOST_CONNECTIONS ? { from, to } : undefined;
  },
};
