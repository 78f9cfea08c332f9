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
  readonly path: string;
  readonly #warn: (sentence: string) => void;
  #all: Record<string, Progress> | undefined;
  #warned = false;

  constructor(warn: (sentence: string) => void, path: string = usualPath()) {
    this.path = path;
    this.#warn = warn;
  }

  get(key: string): Progress | undefined {
    const all = this.#read();
    return Object.hasOwn(all, key) ? all[key] : undefined;
  }

  /** Undefined takes it away. What another run has written meanwhile is kept. */
  set(key: string, progress: Progress | undefined): void {
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
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (code(error) !== 'ENOENT')
        this.#tell(`expected to read the progress in ${this.path}, found ${code(error)}; begins anew.`);
      return this.#all;
    }
    const read = parse(text);
    if (read === undefined) this.#setAside();
    else this.#all = read;
    return this.#all;
  }

  #setAside(): void {
    const aside = `${this.path}.broken`;
    try {
      renameSync(this.path, aside);
      this.#tell(
        `expected progress as JSON in ${this.path}, found something else; moved it to ${aside}, begins anew.`,
      );
    } catch (error) {
      this.#tell(
        `expected progress as JSON in ${this.path}, found something else (${code(error)}); begins anew.`,
      );
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

function usualPath(): string {
  const state = process.env.XDG_STATE_HOME ?? '';
  return join(
    isAbsolute(state) ? state : join(homedir(), '.local', 'state'),
    'evented-demo',
    'walkthroughs.json',
  );
}

const code = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
