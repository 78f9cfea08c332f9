// One terminal: a bash that lives for a step, given a command at a time, with all that it prints in one stream.
// It is no pseudo-terminal, because that needs a native module: programs see a pipe. Job control is on, so each command has a
// process group of its own, and Ctrl-C goes to the one in the foreground, as at a keyboard.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { foregroundGroup, sessionGroups } from './proc.js';
import { safeLine, withoutColours } from './styled.js';

/** Lines, and characters of a line, that a step may print in a terminal: more is a program out of hand. */
const MOST_LINES = 20_000;
const MOST_IN_LINE = 20_000;
/** A last line without its newline counts as whole when nothing has followed it for this time, in milliseconds. */
const SETTLED_MS = 300;

/** How often a wait for the end of a command polls, in milliseconds. */
const POLL_MS = 5;

const KEYBOARD = 3;

/** What a shell says of a command that could not be run. */
const GONE = 127;

/** In the environment: the inode of the pipe that leads to the student (proc(5), fdinfo; empty before Linux 5.14). */
export const OUTPUT_INODE = 'EVENTED_DEMO_OUTPUT_INODE';

/** Its own descriptors have high numbers, which students do not use, and are closed in all that it runs. */
const SET_UP = `exec 198>&1 199<&${KEYBOARD} 2>&1 ${KEYBOARD}<&-
while read -r name ${OUTPUT_INODE}; do [[ $name = ino: ]] && break; done </proc/self/fdinfo/198
export ${OUTPUT_INODE}
unset name
set -m
trap : INT
__report() { local status=$? jobs; jobs=$(jobs -p); printf '\\036%s %s %s\\036' "$1" "$status" "\${jobs//$'\\n'/,}" >&198; }
`;

export class Terminal {
  readonly name: string;
  /** What it has printed, as it is compared: without colours; the last may still be under way. */
  readonly lines: string[] = [];
  /** Where the next expectation begins to look. */
  cursor = 0;
  /** Whether it printed more than can be kept. */
  overflowed = false;
  /** The status of the last command that ended. */
  status: number | undefined;
  readonly #bash: ChildProcess;
  readonly #input: Writable;
  readonly #keyboard: Writable;
  readonly #nonce = randomUUID();
  readonly #onLine: (line: string) => void;
  readonly #onChange: () => void;
  #partial = '';
  #changedAt = 0;
  #command: string | undefined;
  #background: readonly number[] = [];
  /** Process groups that this Ctrl-C has reached, and those that it is not for. */
  #passedOver = new Set<number>();

  constructor(
    name: string,
    { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
    onLine: (line: string) => void,
    onChange: () => void,
  ) {
    this.name = name;
    this.#onLine = onLine;
    this.#onChange = onChange;
    this.#bash = spawn('bash', ['--noprofile', '--norc', '-s'], {
      detached: true, // setsid(2): no signal that is meant for us reaches it
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#input = this.#bash.stdin!;
    this.#keyboard = this.#bash.stdio[KEYBOARD] as Writable;
    for (const stream of [this.#input, this.#keyboard]) stream.on('error', () => {}); // 'exit' reports its end
    for (const stream of [this.#bash.stdout!, this.#bash.stderr!]) this.#readFrom(stream);
    this.#bash.once('close', (status: number | null) => this.#ended(status ?? GONE));
    // A process in the background may keep the output open after the shell has ended.
    this.#bash.once('exit', (status) => setTimeout(() => this.#ended(status ?? GONE), SETTLED_MS).unref());
    this.#bash.once('error', () => this.#ended(GONE));
    this.#input.write(SET_UP);
  }

  /** Of its bash, and of its session. */
  get pid(): number | undefined {
    return this.#bash.pid;
  }

  onGone(listener: () => void): void {
    this.#bash.once('exit', listener);
  }

  /** The command that runs in the foreground. */
  get command(): string | undefined {
    return this.#command;
  }

  /** Whether it would run a command now: nothing runs in the foreground, and its bash is there. */
  get isIdle(): boolean {
    return this.#command === undefined && this.#bash.exitCode === null && this.#bash.signalCode === null;
  }

  /** Whether nothing runs that could print any more. */
  get isQuiet(): boolean {
    return this.#command === undefined && this.#background.length === 0;
  }

  /** The lines that can be compared: the last one only when it is whole, or nothing more has come for a while. */
  get settledLines(): readonly string[] {
    const settled = this.isQuiet || performance.now() - this.#changedAt > SETTLED_MS;
    return this.#partial === '' || !settled
      ? this.lines
      : [...this.lines, withoutColours(safeLine(this.#partial))];
  }

  run(command: string): void {
    this.#command = command;
    this.status = undefined;
    if (this.#bash.exitCode !== null || this.#bash.pid === undefined) return this.#ended(GONE);
    this.#input.write(`eval ${quote(command)} 0<&199 198>&- 199<&-\n__report ${this.#nonce}\n`);
  }

  /** A line typed to the program in the foreground, with Enter. */
  type(line: string): void {
    this.#keyboard.write(`${line}\n`);
  }

  /** Ctrl-C: SIGINT to the foreground. Gives whether anybody was there. `again`: only to those that it has not reached. */
  interrupt(again = false): boolean {
    if (!again) this.#passedOver = new Set(this.#background);
    const group = foregroundGroup(this.#bash.pid!);
    if (group === undefined || this.#passedOver.has(group)) return false;
    // One that is older than the foreground is in the background: it is passed over when it is the last that is left.
    for (const each of sessionGroups(this.#bash.pid!)) this.#passedOver.add(each.id);
    // To bash too, because it may be in `wait`. Anything else that it does, it continues.
    for (const pid of [-group, this.#bash.pid!]) {
      try {
        process.kill(pid, 'SIGINT');
      } catch {
        // It has ended.
      }
    }
    return true;
  }

  /** Resolves when nothing runs in the foreground, or after so many milliseconds. */
  async idleWithin(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (this.#command !== undefined && performance.now() < until) await sleep(POLL_MS);
  }

  /** A last line without a newline is printed as a line. */
  endLine(): void {
    if (this.#partial !== '') this.#line(this.#partial);
    this.#partial = '';
  }

  /** A process that could not be ended must not keep this program alive. */
  release(): void {
    this.#bash.unref();
    for (const stream of this.#bash.stdio) stream?.destroy();
  }

  #readFrom(stream: Readable): void {
    const decoder = new StringDecoder('utf8');
    let reporting: string | undefined;
    stream.on('data', (bytes: Buffer) => {
      if (this.overflowed) return;
      // Reports stand between two RS characters; one that is not ours is a program's output.
      const pieces = decoder.write(bytes).split('\x1e');
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) {
          if (reporting === undefined) reporting = '';
          else if (this.#report(reporting)) reporting = undefined;
          else {
            this.#print(`\x1e${reporting}`);
            reporting = '';
          }
        }
        if (reporting === undefined) this.#print(piece);
        else reporting += piece;
      }
      this.#changedAt = performance.now();
      this.#onChange();
    });
  }

  /** `NONCE STATUS PID,PID`: the command has ended, and these jobs go on behind it. */
  #report(text: string): boolean {
    const [nonce, status, jobs] = text.split(' ');
    if (nonce !== this.#nonce) return false;
    this.#background = (jobs ?? '').split(',').filter(Boolean).map(Number);
    this.#ended(Number(status));
    return true;
  }

  #ended(status: number): void {
    this.endLine();
    if (this.#command !== undefined) this.status = status;
    this.#command = undefined;
    this.#onChange();
  }

  #print(text: string): void {
    const lines = (this.#partial + text).replaceAll('\r\n', '\n').split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) this.#line(line);
    if (this.#partial.length > MOST_IN_LINE) this.endLine();
  }

  #line(line: string): void {
    if (this.overflowed) return;
    this.overflowed = this.lines.length >= MOST_LINES;
    const safe = safeLine(line);
    this.lines.push(withoutColours(safe));
    this.#onLine(safe);
  }
}

/** As one word of a shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
