// The walkthroughs that come with the program: files in docs/walkthroughs, in the order of the numbers they begin with.

import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closestMatch } from 'leven';
import { commandLine } from '../terminal/command-line.js';
import { WalkthroughError } from './format.js';
import { readRegularFile, reasonOf } from './regular-file.js';

const FOLDER = fileURLToPath(new URL('../../../docs/walkthroughs/', import.meta.url));
const NAME = /^(\d+)-([a-z0-9-]+)\.md$/;
const MOST_BYTES = 1024 * 1024;

export interface LibraryEntry {
  /** Where its progress is kept: the name without its number, or a teacher's file's whole path. */
  readonly key: string;
  /** What to write after `evented-demo walkthrough`. */
  readonly name: string;
  readonly number: string | undefined;
  readonly path: string;
  /** The path as sentences name it. */
  readonly file: string;
}

export class UnknownName extends Error {}

export function entries(): LibraryEntry[] {
  return readdirSync(FOLDER)
    .flatMap((file) => {
      const [, number, name] = NAME.exec(file) ?? [];
      if (number === undefined || name === undefined) return [];
      const path = join(FOLDER, file);
      return [{ key: name, name, number, path, file: shortest(path) }];
    })
    .toSorted((a, b) => Number(a.number) - Number(b.number));
}

/** A name with its number or without, the number alone, or the path of a user's own file. */
export function find(text: string): LibraryEntry {
  if (text.endsWith('.md') || text.includes('/')) {
    const path = resolve(text);
    return { key: path, name: text, number: undefined, path, file: text };
  }
  const all = entries();
  const found = all.find(
    ({ name, number }) =>
      text === name ||
      text === `${number}-${name}` ||
      (/^\d+$/.test(text) && Number(text) === Number(number)),
  );
  if (found !== undefined) return found;
  throw new UnknownName(
    `No walkthrough is named ${JSON.stringify(text)}. ${suggestion(text.replace(/^\d+-/, ''), all)} The name of your own file must end in .md.`,
  );
}

/** Of a name that is nearly right, or of one word of a name; where none is near, what lists them. */
function suggestion(text: string, all: readonly LibraryEntry[]): string {
  const names = all.map(({ name }) => name);
  const nearest = (candidates: readonly string[]): string | undefined =>
    closestMatch(text, candidates, { maxDistance: Math.min(6, Math.floor(text.length / 2)) });
  const near = nearest(names) ?? nearest(names.flatMap((name) => name.split('-').filter(isTelling)));
  const meant = names.find((name) => near !== undefined && (name === near || name.split('-').includes(near)));
  return meant === undefined
    ? `Use a number from 1 to ${names.length}, or a name: \`${commandLine('walkthrough')}\` lists them all.`
    : `Did you mean ${meant}?`;
}

/** Words such as `the` and `that` stand in many names. */
const isTelling = (word: string): boolean => word.length > 4;

/** The entry after this one; undefined for the last, and for a user's own file. */
export function entryAfter({ number }: LibraryEntry): LibraryEntry | undefined {
  return number === undefined ? undefined : entries().find((each) => Number(each.number) > Number(number));
}

/** The text of a walkthrough. */
export function read({ path, file }: LibraryEntry): string {
  const bytes = bytesOf(path, file);
  if (!isUtf8(bytes))
    throw new WalkthroughError(
      `${file}:${firstBadLine(bytes)}: This line is not UTF-8 text. Save the file as UTF-8.`,
    );
  const text = bytes.toString('utf8');
  if (text.trim() === '')
    throw new WalkthroughError(
      `${file} is empty. docs/walkthroughs/README.md shows how to write a walkthrough.`,
    );
  return text;
}

function bytesOf(path: string, file: string): Buffer {
  try {
    return readRegularFile(path, MOST_BYTES);
  } catch (error) {
    throw new WalkthroughError(`Cannot read ${file}: ${reasonOf(error)}. Name a Markdown file.`);
  }
}

/** A newline is never part of another character in UTF-8. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf('\n', start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

function shortest(path: string): string {
  const fromHere = relative('', path);
  return fromHere.startsWith('..') ? path : fromHere;
}
