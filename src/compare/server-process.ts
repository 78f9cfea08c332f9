// A server of a comparison, `evented-demo serve` or `evented-demo watch`, in a process of its own, whose events are read as it
// prints them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LifecycleEvent, Listening, OnEvents } from '../lifecycle/events.js';
import { type ModelName, type ServerName, serveFlagsOf } from '../models/options.js';
import { shortageSentence } from '../posix/shortage.js';
import type { ComparedServer } from './compared-server.js';

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

/** The arguments of a server that is one of our models. */
export const serving = (mode: ModelName, flags: readonly string[]): readonly string[] => [
  'serve',
  ...serveFlagsOf(mode),
  ...flags,
];

export class ServerProcess implements ComparedServer {
  readonly mode: ServerName;
  readonly #child: ChildProcess;
  readonly #onEvents: OnEvents;
  #rest = '';
  #said = '';
  #sentence: string | undefined;
  #stopping = false;
  /** What it did not do in time, so that it was killed. */
  #late: string | undefined;
  readonly listening: Promise<Listening | undefined>;
  readonly ended: Promise<string | undefined>;

  constructor(mode: ServerName, [command = '', ...args]: readonly string[], onEvents: OnEvents) {
    this.mode = mode;
    this.#onEvents = onEvents;
    // --until-eof: should this process be killed, its end of the pipe closes, and the server stops.
    // Detached: Ctrl-C in the terminal reaches this process alone, which then stops its servers in order.
    const all = [PROGRAM, command, '--format', 'ndjson', '--until-eof', ...args];
    this.#child = spawn(process.execPath, all, {
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

  pauseFor(milliseconds: number): void {
    const order: Order = { pauseMs: milliseconds };
    if (this.#child.connected) this.#child.send(order, () => {}); // it may have ended
  }

  /** The end of what it has printed on standard error. */
  get said(): string {
    return this.#said;
  }

  async stop(withinMs = STOP_MS): Promise<void> {
    this.#stopping = true;
    this.#child.stdin?.end();
    const late = this.#killIfLate(`stop within ${withinMs / 1000} s`, withinMs);
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
