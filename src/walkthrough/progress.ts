// How far a student has come: a small JSON file among the user's state (XDG Base Directory Specification).
// It is a help, not a need: where it can't be read or written that is told once, and all else works.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

export interface Progress {
  /** The heading of the step to go on with; undefined once all are done. */
  readonly next?: string;
  readonly done: number;
  readonly of: number;
}

export class ProgressFile {
  /** Undefined where there is no place for it. */
  readonly path: string | undefined;
  readonly #warn: (sentence: string) => void;
  #all: Record<string, Progress> | undefined;
  #warned = false;

  constructor(warn: (sentence: string) => void, path: string | undefined = usualPath()) {
    this.path = path;
    this.#warn = warn;
    if (path === undefined)
      this.#tell(
        'expected a home folder to keep the progress in, found none; set HOME or XDG_STATE_HOME, all else goes on.',
      );
  }

  get(key: string): Progress | undefined {
    const all = this.#read();
    return Object.hasOwn(all, key) ? all[key] : undefined;
  }

  /** Undefined takes it away. What another run has written meanwhile is kept. */
  set(key: string, progress: Progress | undefined): void {
    if (this.path === undefined) return;
    this.#all = undefined;
    const { [key]: _, ...others } = this.#read();
    this.#all = progress === undefined ? others : { ...others, [key]: progress };
    const draft = `${this.path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(draft, `${JSON.stringify(this.#all, undefined, 2)}\n`);
      renameSync(draft, this.path);
    } catch (error) {
      this.#tell(
        `expected to keep the progress in ${this.path}, found ${code(error)}; it is not kept, all else goes on.`,
      );
    }
  }

  #read(): Record<string, Progress> {
    if (this.#all !== undefined) return this.#all;
    this.#all = {};
    if (this.path === undefined) return this.#all;
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (code(error) !== 'ENOENT')
        this.#tell(`expected to read the progress in ${this.path}, found ${code(error)}; begins anew.`);
      return this.#all;
    }
    const read = parse(text);
    if (read === undefined) this.#setAside(this.path);
    else this.#all = read;
    return this.#all;
  }

  #setAside(path: string): void {
    const aside = `${path}.broken`;
    try {
      renameSync(path, aside);
      this.#tell(
        `expected progress as JSON in ${path}, found something else; moved it to ${aside}, begins anew.`,
      );
    } catch (error) {
      this.#tell(`expected progress as JSON in ${path}, found something else (${code(error)}); begins anew.`);
    }
  }

  #tell(sentence: string): void {
    if (!this.#warned) this.#warn(sentence);
    this.#warned = true;
  }
}

function parse(text: string): Record<string, Progress> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
    return Object.values(read).every(isProgress) ? (read as Record<string, Progress>) : undefined;
  } catch {
    return undefined;
  }
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== 'object' || value === null) return false;
  const { next, done, of } = value as Record<string, unknown>;
  return (next === undefined || typeof next === 'string') && Number.isInteger(done) && Number.isInteger(of);
}

function usualPath(): string | undefined {
  const { XDG_STATE_HOME: state = '' } = process.env;
  if (isAbsolute(state)) return inState(state);
  const home = homeOf();
  return isAbsolute(home) ? inState(join(home, '.local', 'state')) : undefined;
}

const inState = (folder: string): string => join(folder, 'evented-demo', 'walkthroughs.json');

/** It throws for a user that is in no list, as in a container that runs under a number. */
function homeOf(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

const code = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
