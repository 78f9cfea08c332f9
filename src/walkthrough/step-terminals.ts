// Where a step's commands run: its terminals, a folder of their own, and a guard that ends all of it when the step is over,
// and also when this program is killed.

import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Guard } from '../posix/guard.js';
import { STARTED_AS } from '../terminal/command-line.js';
import { WalkthroughError } from './format.js';
import { reasonOf } from './regular-file.js';
import { OUTPUT_INODE, quote, Terminal } from './terminal.js';

const PROGRAM = join(fileURLToPath(new URL('../../../bin', import.meta.url)), 'evented-demo.js');

/** How long a command may take to end after Ctrl-C, in milliseconds. */
const POLITE_MS = 500;

/** They would send a curl to 127.0.0.1 elsewhere. */
const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
/** Node warns where both are set, even if one is empty. */
const COLOURS = ['FORCE_COLOR', 'NO_COLOR'];
const SIZE = ['COLUMNS', 'LINES'];
const SHELL_START_UP = ['BASH_ENV', 'ENV', 'CDPATH', 'SHELLOPTS', 'BASHOPTS'];

export interface StepTerminalsOptions {
  /** Of chalk: 0 for none. */
  readonly colours: number;
  /** The width of its terminals; undefined for a check. */
  readonly columns: number | undefined;
  onLine(terminal: string, line: string): void;
  onChange(): void;
}

export class StepTerminals {
  readonly folder: string;
  readonly #options: StepTerminalsOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #guard: Guard;
  readonly #terminals = new Map<string, Terminal>();
  #isClosed = false;

  constructor(options: StepTerminalsOptions) {
    this.#options = options;
    this.folder = makeFolder();
    this.#guard = new Guard(this.folder);
    this.#env = this.#environment();
  }

  terminal(name: string): Terminal {
    let terminal = this.#terminals.get(name);
    if (terminal === undefined) {
      const { onLine, onChange } = this.#options;
      const show = (line: string): void => {
        if (!this.#isClosed) onLine(name, line); // nobody asked for what it prints when it is ended
      };
      terminal = new Terminal(name, { folder: this.folder, env: this.#env }, show, onChange);
      this.#terminals.set(name, terminal);
      const { pid } = terminal;
      if (pid !== undefined) {
        this.#guard.add(pid);
        terminal.onGone(() => {
          if (!this.#isClosed) this.#guard.remove(pid);
        });
      }
    }
    return terminal;
  }

  get all(): readonly Terminal[] {
    return [...this.#terminals.values()];
  }

  /**
   * Resolves when nothing of the step is left. First Ctrl-C in each terminal, in the order in which they came: a server that
   * ends before its clients keeps the last word on their connections, TIME-WAIT, and the ports they chose are free at once.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const terminal of this.#terminals.values()) {
      if (terminal.command !== undefined && terminal.interrupt()) await terminal.idleWithin(POLITE_MS);
    }
    await this.#guard.end();
    for (const terminal of this.#terminals.values()) terminal.release();
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...without(process.env, [...PROXIES, ...SHELL_START_UP, ...COLOURS, ...SIZE]),
      ...this.#guard.mark,
      PATH: `${join(this.folder, '.bin')}:${process.env.PATH ?? '/usr/bin:/bin'}`,
      CURL_HOME: this.folder,
      PWD: this.folder,
      LC_ALL: 'C',
      ...(this.#options.colours > 0
        ? { FORCE_COLOR: String(this.#options.colours) }
        : { FORCE_COLOR: '0', NO_COLOR: '1' }),
      ...(this.#options.columns === undefined ? {} : { COLUMNS: String(this.#options.columns) }),
    };
  }
}

function without(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/** Removes it again if a part of it cannot be made: the guard does not run yet. */
function makeFolder(): string {
  const parent = resolve(tmpdir()); // the terminals, which have another working directory, look for programs in it
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(parent, 'evented-demo-'));
    writePrograms(folder);
    return folder;
  } catch (error) {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    if (error instanceof WalkthroughError) throw error;
    throw new WalkthroughError(
      `The commands' folder cannot be made in ${parent}: ${reasonOf(error)}. Set TMPDIR to a folder that you can write to, on a disk that is not full.`,
    );
  }
}

/**
 * The program under its own name, and a curl that shows no progress meter, as it shows none on a terminal. All programs
 * here see a pipe. Colours and a width are for the one that leads to the student, not for what leads to another program.
 * The shell finds that out without a child of its own: strace -f on the program would show the child's calls too.
 */
function writePrograms(folder: string): void {
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  const shim = join(bin, 'evented-demo');
  writeFileSync(
    shim,
    `#!/bin/sh
while read -r name ino; do [ "$name" = ino: ] && break; done </proc/self/fdinfo/1
[ "$ino" = "$${OUTPUT_INODE}" ] || unset FORCE_COLOR COLUMNS
export ${STARTED_AS}=evented-demo
exec ${quote(process.execPath)} ${quote(PROGRAM)} "$@"
`,
    { mode: 0o700 },
  );
  try {
    accessSync(shim, constants.X_OK); // access(2): denied where the file system is mounted noexec
  } catch {
    throw new WalkthroughError(
      `No program may run in ${bin}: its file system is mounted noexec. Set TMPDIR to a folder on another one.`,
    );
  }
  writeFileSync(join(folder, '.curlrc'), 'no-progress-meter\n');
}
