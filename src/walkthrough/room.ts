// Where a step's commands run: its terminals, a folder of their own, and a guardian that ends all of it.
// The guardian is a bash that waits for its standard input to end. That happens when the step is over, and as well when this
// program dies of whatever, SIGKILL included: so no way to end leaves a process behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SCREEN, Terminal } from './terminal.js';

const PROGRAM = join(fileURLToPath(new URL('../../../bin', import.meta.url)), 'evented-demo.js');

/** In the environment of all that runs in a room: by it the guardian knows them, whatever group or session they are in. */
export const MARK = 'EVENTED_DEMO_ROOM';

/** How long a command may take to end after Ctrl-C, and how often that is looked at, in milliseconds. */
const POLITE_MS = 500;
const LOOK_MS = 5;

/** SIGTERM and up to 2 s for an end in order, then SIGKILL; $1 is the mark, $2 the folder. */
const GUARDIAN = `
trap '' INT TERM HUP
read -r
signal() {
  local file found=1
  for file in $(grep -lsF -- "$2" /proc/[0-9]*/environ); do
    file=\${file#/proc/}
    kill -s "$1" "\${file%/environ}" 2>/dev/null && found=0
  done
  return $found
}
signal TERM "$1"
for ((i = 0; i < 40; i++)); do signal 0 "$1" || break; sleep 0.05; done
for ((i = 0; i < 100; i++)); do signal KILL "$1" || break; sleep 0.02; done
rm -rf -- "$2"
`;

/** They would send a curl to 127.0.0.1 elsewhere. */
const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
/** Where both are there, though one is empty, Node warns of it. */
const COLOURS = ['FORCE_COLOR', 'NO_COLOR'];
const SIZE = ['COLUMNS', 'LINES'];
const SHELL_START_UP = ['BASH_ENV', 'ENV', 'CDPATH', 'SHELLOPTS', 'BASHOPTS'];

export interface RoomOptions {
  /** Of chalk: 0 for none. */
  readonly colours: number;
  /** How wide its terminals are; undefined where nobody looks. */
  readonly columns: number | undefined;
  onLine(terminal: string, line: string): void;
  onChange(): void;
}

export class Room {
  readonly folder: string;
  readonly #options: RoomOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #guardian: ChildProcess;
  readonly #terminals = new Map<string, Terminal>();
  readonly #gone: Promise<unknown>;
  #isClosed = false;

  constructor(options: RoomOptions) {
    this.#options = options;
    const id = randomUUID();
    this.folder = mkdtempSync(join(tmpdir(), 'evented-demo-'));
    this.#guardian = spawn(
      'bash',
      ['--noprofile', '--norc', '-c', GUARDIAN, 'guardian', `${MARK}=${id}`, this.folder],
      { detached: true, env: without(process.env, [MARK]), stdio: ['pipe', 'ignore', 'ignore'] },
    );
    this.#guardian.stdin!.on('error', () => {});
    this.#gone = once(this.#guardian, 'close');
    this.#env = this.#environment(id);
    this.#furnish();
  }

  terminal(name: string): Terminal {
    let terminal = this.#terminals.get(name);
    if (terminal === undefined) {
      const place = { folder: this.folder, env: this.#env };
      const { onLine, onChange } = this.#options;
      const show = (line: string): void => {
        if (!this.#isClosed) onLine(name, line); // what it prints at its end nobody has asked for
      };
      terminal = new Terminal(name, place, show, onChange);
      this.#terminals.set(name, terminal);
    }
    return terminal;
  }

  get terminals(): readonly Terminal[] {
    return [...this.#terminals.values()];
  }

  /**
   * Resolves when nothing of the room is left. First Ctrl-C in each terminal, in the order in which they came: a server that
   * ends before its clients keeps the last word on their connections, TIME-WAIT, and the ports they chose are free at once.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const terminal of this.#terminals.values()) {
      if (terminal.command === undefined || !terminal.interrupt()) continue;
      const deadline = performance.now() + POLITE_MS;
      while (terminal.command !== undefined && performance.now() < deadline) await setTimeout(LOOK_MS);
    }
    this.#guardian.stdin!.end();
    await this.#gone;
    for (const terminal of this.#terminals.values()) terminal.release();
  }

  /**
   * The program under its own name, and a curl that shows no progress meter, as it shows none on a terminal. All programs
   * here see a pipe. Colours and a width are for the one that leads to the student, not for what leads to another program. The shell finds
   * out without a child of its own, which strace -f would show.
   */
  #furnish(): void {
    const bin = join(this.folder, '.bin');
    mkdirSync(bin);
    const shim = join(bin, 'evented-demo');
    writeFileSync(
      shim,
      `#!/bin/sh
while read -r name ino; do [ "$name" = ino: ] && break; done </proc/self/fdinfo/1
[ "$ino" = "$${SCREEN}" ] || unset FORCE_COLOR COLUMNS
exec ${quote(process.execPath)} ${quote(PROGRAM)} "$@"
`,
    );
    chmodSync(shim, 0o700);
    writeFileSync(join(this.folder, '.curlrc'), 'no-progress-meter\n');
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

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
