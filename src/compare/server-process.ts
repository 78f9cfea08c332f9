// A server of a comparison: `evented-demo serve` in a process of its own, whose events are read as it prints them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LifecycleEvent, Listening } from '../lifecycle/events.js';
import { type ModelName, serveFlagsOf } from '../models/options.js';
import { shortageSentence } from '../posix/shortage.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/evented-demo.js', import.meta.url));
/** A server that does not listen by then is killed, in milliseconds: Node can hang at its start if it gets no thread. */
const START_MS = 60_000;
/** A server that has not stopped by then is killed, in milliseconds. */
const STOP_MS = 5000;
/** How many characters of its standard error are kept: the last ones. */
const MOST_SAID = 2000;

/** What the program sends to its parent process, if that gave it a channel (cli/print-error.ts). */
export interface Sentence {
  readonly sentence: string;
}

/** And what that may send to it, with --steered. */
export interface Order {
  readonly pauseMs: number;
}

export class ServerProcess {
  readonly mode: ModelName;
  readonly #child: ChildProcess;
  readonly #onEvents: (events: readonly LifecycleEvent[]) => void;
  #rest = '';
  #said = '';
  #sentence: string | undefined;
  #stopping = false;
  /** What it did not do in time, so that it was killed. */
  #late: string | undefined;
  /** Undefined where it never came to listen. */
  readonly listening: Promise<Listening | undefined>;
  /** Resolves after its last event; with a sentence if it ended early. */
  readonly ended: Promise<string | undefined>;

  constructor(
    mode: ModelName,
    flags: readonly string[],
    onEvents: (events: readonly LifecycleEvent[]) => void,
  ) {
    this.mode = mode;
    this.#onEvents = onEvents;
    // --until-eof: should this process be killed, its end of the pipe closes, and the server stops.
    // Detached: Ctrl-C in the terminal reaches this process alone, which then stops its servers in order.
    const command = [PROGRAM, 'serve', ...serveFlagsOf(mode), '--format', 'ndjson', '--until-eof', ...flags];
    this.#child = spawn(process.execPath, command, {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    // Without descriptors for the pipes there are no streams.
    this.#child.stdin?.on('error', () => {}); // it ended first
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    this.#child.on('message', ({ sentence }: Sentence) => {
      this.#sentence = sentence;
    });
    let heard: (listening: Listening) => void = () => {};
    const listening = new Promise<Listening>((resolve) => {
      heard = resolve;
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const events = this.#take(text);
      const first = events.find((event) => event.event === 'listening');
      if (first !== undefined) heard(first);
      if (events.length > 0) this.#onEvents(events);
    });
    this.ended = once(this.#child, 'close').then(
      ([status, signal]) => this.#whyEnded(status, signal),
      (error: Error) => shortageSentence(error) ?? `The server could not be started: ${error.message}.`,
    );
    this.listening = Promise.race([listening, this.ended.then(() => undefined)]);
    const late = this.#killIfLate(`start within ${START_MS / 1000} s`, START_MS);
    void this.listening.then(() => clearTimeout(late));
  }

  /** Of a server that was started with --steered: from now on it pauses so long before each step. */
  pauseFor(milliseconds: number): void {
    const order: Order = { pauseMs: milliseconds };
    if (this.#child.connected) this.#child.send(order, () => {}); // it may have ended
  }

  /** Stops it in order, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.stdin?.end();
    const late = this.#killIfLate(`stop within ${STOP_MS / 1000} s`, STOP_MS);
    await this.ended;
    clearTimeout(late);
  }

  #killIfLate(what: string, milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#late = what;
      this.#child.kill('SIGKILL');
    }, milliseconds);
  }

  #take(text: string): LifecycleEvent[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    return lines.map((line) => JSON.parse(line) as LifecycleEvent);
  }

  /** Its own last sentence. A process that dies in another way leaves text that no student can read, or none. */
  #whyEnded(status: number | null, signal: string | null): string | undefined {
    if (this.#stopping && signal === null) return undefined;
    if (this.#late !== undefined)
      return `The server did not ${this.#late}, so it was ended with SIGKILL. Run it again.`;
    if (this.#sentence !== undefined) return this.#sentence;
    if (/out of memory|process OOM/.test(this.#said))
      return 'The server ran out of memory. Close other programs, or raise the memory limit.';
    if (signal === 'SIGKILL')
      return 'The server was ended by SIGKILL: by the kernel, if memory ran out, or by somebody. Run it again.';
    return `The server ended ${signal === null ? `with status ${status}` : `by ${signal}`}. Run it again.`;
  }
}
