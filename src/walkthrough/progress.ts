// How far a student has come: a small JSON file among the user's state (XDG Base Directory Specification).
// A walkthrough works without it. What can't be read or saved costs one sentence, and nothing promises to resume then.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { LessonStep } from './format.js';
import {
  begin,
  isDone,
  type LessonState,
  type Prediction,
  type StepOutcome,
  type StepState,
} from './lesson-state.js';
import { FileProblem, readRegularFile, reasonOf } from './regular-file.js';

const MOST_BYTES = 1024 * 1024;

export interface Progress {
  /** The heading of the next step; undefined once all are done. */
  readonly next?: string;
  readonly done: number;
  readonly of: number;
  /** What came of each step, by its heading. */
  readonly steps?: Readonly<Record<string, StepState>>;
}

type AllProgress = Record<string, Progress>;

export class ProgressFile {
  /** Undefined where there is no place for it. */
  readonly path: string | undefined;
  readonly #warn: (sentence: string) => void;
  /** Without it, what could not be read would be overwritten. */
  #isReadable = true;
  /** Whether the last progress was saved. Before the first step it is tried, so that a student knows it early. */
  isSaved = false;
  readonly #warned = new Set<string>();

  constructor(warn: (sentence: string) => void, path: string | undefined = usualPath()) {
    this.path = path;
    this.#warn = warn;
    if (path === undefined)
      this.#warnOnce('Progress is not saved: there is no home folder. Set HOME or XDG_STATE_HOME.');
  }

  get(key: string): Progress | undefined {
    const all = this.#read();
    return Object.hasOwn(all, key) ? all[key] : undefined;
  }

  /** What another run has saved in the meantime is kept. */
  set(key: string, progress: Progress): void {
    this.#save({ ...this.#read(), [key]: progress });
  }

  trySaving(): void {
    this.#save(this.#read());
  }

  #read(): AllProgress {
    if (this.path === undefined || !this.#isReadable) return {};
    try {
      const all = parse(readRegularFile(this.path, MOST_BYTES).toString());
      if (all !== undefined) return all;
      this.#setAside(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      this.#isReadable = false;
      this.#warnOnce(`Progress is not saved: ${this.path} cannot be read, ${reasonOf(error)}. ${ADVICE}`);
    }
    return {};
  }

  #save(all: AllProgress): void {
    this.isSaved = false;
    if (this.path === undefined || !this.#isReadable) return;
    try {
      makeFolders(dirname(this.path));
      replaceFile(behindLinks(this.path), `${JSON.stringify(all, undefined, 2)}\n`);
      this.isSaved = true;
    } catch (error) {
      this.#warnOnce(`Progress is not saved: ${this.path} cannot be written, ${reasonOf(error)}. ${ADVICE}`);
    }
  }

  #setAside(path: string): void {
    try {
      const real = realpathSync(path);
      const aside = `${real}.broken`;
      renameSync(real, aside);
      this.#warnOnce(
        `${path} is not readable as JSON. It was moved to ${aside}, and every walkthrough starts from its first step.`,
      );
    } catch (error) {
      this.#isReadable = false;
      this.#warnOnce(
        `Progress is not saved: ${path} is not readable as JSON and cannot be moved away, ${reasonOf(error)}. ${ADVICE}`,
      );
    }
  }

  #warnOnce(sentence: string): void {
    if (!this.#warned.has(sentence)) this.#warn(sentence);
    this.#warned.add(sentence);
  }
}

const ADVICE = 'Set XDG_STATE_HOME to a folder that you can write to.';

/** With the folders above it. Node's own recursive mkdir never returns in /proc, where mkdir(2) always gives ENOENT. */
function makeFolders(folder: string): void {
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if (existsSync(folder)) return;
    const parent = dirname(folder);
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing) throw new FileProblem(`${folder} cannot be made, ${reasonOf(error)}`);
    if (existsSync(parent)) throw new FileProblem(`no folder can be made in ${parent}`);
    makeFolders(parent);
    mkdirSync(folder, 0o700);
  }
}

/** The file that a symbolic link leads to, there or not: a rename would replace the link itself. */
function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    return isLink ? behindLinks(resolve(dirname(path), readlinkSync(path))) : path;
  }
}

/** A reader, or a crash on the way, sees the old text or the new one, never a part. */
function replaceFile(path: string, text: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw new FileProblem('it is no regular file'); // a device, as root
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new FileProblem(`there is no folder ${dirname(path)}`);
    throw error;
  }
}

function parse(text: string): AllProgress | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
    return Object.values(read).every(isProgress) ? (read as AllProgress) : undefined;
  } catch {
    return undefined;
  }
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== 'object' || value === null) return false;
  const { next, done, of, steps } = value as Record<string, unknown>;
  return (
    (next === undefined || typeof next === 'string') &&
    Number.isInteger(done) &&
    Number.isInteger(of) &&
    (steps === undefined || isRecordOf(steps, isStepState))
  );
}

const OUTCOMES: readonly unknown[] = ['done', 'failed', 'skipped', undefined] satisfies (
  | StepOutcome
  | undefined
)[];
const PREDICTIONS: readonly unknown[] = ['right', 'wrong', 'none'] satisfies Prediction[];

function isStepState(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { outcome, predictions } = value as Record<string, unknown>;
  return OUTCOMES.includes(outcome) && isRecordOf(predictions, (each) => PREDICTIONS.includes(each));
}

function isRecordOf(value: unknown, isRight: (each: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(isRight);
}

/** What is kept of a lesson. */
export function progressOf(steps: readonly LessonStep[], state: LessonState): Progress {
  const next = steps[state.at]?.heading;
  return {
    ...(next === undefined ? {} : { next }),
    done: state.steps.filter(isDone).length,
    of: steps.length,
    steps: Object.fromEntries(steps.map(({ heading }, index) => [heading, state.steps[index]!])),
  };
}

/** Where a student stopped: steps are known by their headings, because the text may have changed since then. */
export function resumed(steps: readonly LessonStep[], progress: Progress | undefined): LessonState {
  const state = begin(steps.length);
  const at = steps.findIndex(({ heading }) => heading === progress?.next);
  if (progress === undefined || at < 0) return state;
  const kept = progress.steps ?? {};
  return {
    at,
    steps: steps.map(({ heading }, index) =>
      Object.hasOwn(kept, heading) ? kept[heading]! : state.steps[index]!,
    ),
  };
}

/** The specification says to ignore relative paths. */
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
