// Runs `walkthrough` as a user does, on files of the test's own, and asks /proc what it leaves behind.

import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from './cleanup.js';
import { PROGRAM } from './server.js';
import { onTerminal } from './terminal.js';

const WITNESS = 'WALKTHROUGH_WITNESS';

/** A folder for a test's files and its progress, and a name by which its processes are known. */
export class Classroom {
  readonly folder = mkdtempSync(join(tmpdir(), 'classroom-'));
  readonly id = randomUUID();
  readonly state = join(this.folder, 'state');

  /** The path of a new walkthrough. */
  file(text: string, name = 'own.md'): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      ...process.env,
      [WITNESS]: this.id,
      XDG_STATE_HOME: this.state,
      TMPDIR: this.folder,
      NO_COLOR: '1',
      ...more,
    };
  }

  /** `under`: a command that becomes the program, such as `sh -c '...; exec "$@"' sh`. */
  start(args: readonly string[], more: NodeJS.ProcessEnv = {}, under: readonly string[] = []): Run {
    const [command, ...all] = [...under, process.execPath, PROGRAM, 'walkthrough', ...args];
    return new Run(spawn(command!, all, { stdio: ['ignore', 'pipe', 'pipe'], env: this.env(more) }));
  }

  /** On a terminal; afterwards it prints the terminal's settings. */
  startInTerminal(args: readonly string[], more: NodeJS.ProcessEnv = {}): Run {
    return new Run(onTerminal(['walkthrough', ...args], { env: this.env(more), afterwards: 'stty -a' }));
  }

  /** Pids of whatever has this classroom in its environment: what the program started, however deep. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${WITNESS}=${this.id}`);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  /** Folders of the program that are still there. */
  folders(): string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith('evented-demo-'));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Run {
  readonly process: ChildProcess;
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  stdout = '';
  /** All of it, whatever has been waited for. */
  all = '';
  /** What came before the text that was last waited for, after the one before. */
  passed = '';
  stderr = '';
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(child: ChildProcess) {
    this.process = child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text) => {
        this[name] += text;
        if (name === 'stdout') this.all += text;
        this.#wake();
      });
    }
    this.ended = once(child, 'close').then(([status, signal]) => {
      this.#over = true;
      this.#wake();
      return { status, signal };
    });
  }

  /** Resolves when the text has come; from then on only what comes after it is looked at. */
  async until(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.#over) throw new Error(`expected "${text}", and it ended: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const at = this.stdout.indexOf(text);
    this.passed = this.stdout.slice(0, at);
    this.stdout = this.stdout.slice(at + text.length);
  }

  press(keys: string): void {
    this.process.stdin!.write(keys);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
