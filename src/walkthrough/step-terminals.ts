// Where a step's commands run: its terminals, a folder of their own, and a guardian that ends all of it.
// The guardian is a bash that waits for its standard input to end. That happens when the step is over, and also when this
// program is killed, even by SIGKILL: so nothing is ever left behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STARTED_AS } from '../terminal/command-line.js';
import { WalkthroughError } from './format.js';
import { reasonOf } from './regular-file.js';
import { OUTPUT_INODE, quote, Terminal } from './terminal.js';

const PROGRAM = join(fileURLToPath(new URL('../../../bin', import.meta.url)), 'evented-demo.js');

/** In the environment of all that runs in a step. So the guardian finds each process, in any group or session. */
const MARK = 'EVENTED_DEMO_STEP';

/** How long a command may take to end after Ctrl-C, in milliseconds. */
const POLITE_MS = 500;

/**
 * Each line of its input is the pid of a terminal's bash that has started, or with a minus of one that has ended: another
 * process may get that pid later. When the input ends, it sends SIGTERM, and after at most 2 s SIGKILL, to each process that
 * has the mark, $1, in its environment, or is in the session of a terminal: `env -i` removes the mark. Then it deletes the
 * folder, $2.
 */
const GUARDIAN = `
trap '' INT TERM HUP
sessions=' '
while read -r pid; do
  if [[ $pid = -* ]]; then sessions=\${sessions/" \${pid#-} "/ }; else sessions+="$pid "; fi
done
survivors() {
  local file stat fields
  for file in $(grep -lsF -- "$1" /proc/[0-9]*/environ); do file=\${file#/proc/}; echo "\${file%/environ}"; done
  for file in /proc/[0-9]*/stat; do
    read -r stat <"$file" || continue
    fields=(\${stat##*) }) # state, parent, group, session: see proc(5)
    [[ \${fields[0]} != Z && $sessions = *" \${fields[3]} "* ]] && echo "\${stat%% *}"
  done
}
signal() {
  local pid found=1
  for pid in $(survivors "$2"); do kill -s "$1" "$pid" && found=0; done
  return $found
}
signal TERM "$1"
for ((i = 0; i < 40; i++)); do signal 0 "$1" || break; sleep 0.05; done
for ((i = 0; i < 100; i++)); do signal KILL "$1" || break; sleep 0.02; done
rm -rf -- "$2"
`;

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
  readonly #guardian: ChildProcess;
  readonly #terminals = new Map<string, Terminal>();
  readonly #gone: Promise<unknown>;
  #isClosed = false;

  constructor(options: StepTerminalsOptions) {
    this.#options = options;
    const id = randomUUID();
    this.folder = makeFolder();
    this.#guardian = spawn(
      'bash',
      ['--noprofile', '--norc', '-c', GUARDIAN, 'guardian', `${MARK}=${id}`, this.folder],
      { detached: true, env: without(process.env, [MARK]), stdio: ['pipe', 'ignore', 'ignore'] },
    );
    this.#guardian.stdin!.on('error', () => {});
    this.#gone = once(this.#guardian, 'close');
    this.#env = this.#environment(id);
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
        this.#guardian.stdin!.write(`${pid}\n`);
        terminal.onGone(() => {
          if (!this.#isClosed) this.#guardian.stdin!.write(`-${pid}\n`);
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
    this.#guardian.stdin!.end();
    await this.#gone;
    for (const terminal of this.#terminals.values()) terminal.release();
  }

  #environment(id: string): NodeJS.ProcessEnv {
    return {
      ...without(process.env, [...PROXIES, ...SHELL_START_UP, ...COLOURS, ...SIZE]),
      [MARK]: id,
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

/** Removes it again if a part of it cannot be made: the guardian does not run yet. */
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
