// A server of a comparison: `evented-demo serve` in a process of its own, whose events are read as it tells them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LifecycleEvent, Listening } from '../lifecycle/events.js';
import type { Mode } from '../models/options.js';
import { escapeControls } from '../ui/escape.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/evented-demo.js', import.meta.url));
/** A server that has not stopped by then is killed, in milliseconds. */
const STOP_MS = 5000;
/** What its sentences on standard error begin with. */
const OWN_WORDS = 'evented-demo: ';
/** Of what it says there, so many characters are kept, the last ones. */
const MOST_SAID = 2000;

export class ServerProcess {
  readonly mode: Mode;
  readonly #child: ChildProcess;
  readonly #onEvents: (events: readonly LifecycleEvent[]) => void;
  #rest = '';
  #said = '';
  #stopping = false;
  #late = false;
  /** Undefined where it never came to listen. */
  readonly listening: Promise<Listening | undefined>;
  /** Resolves after its last event, with a sentence where it ended before it was asked to. */
  readonly ended: Promise<string | undefined>;

  constructor(mode: Mode, flags: readonly string[], onEvents: (events: readonly LifecycleEvent[]) => void) {
    this.mode = mode;
    this.#onEvents = onEvents;
    // --until-eof: should this process be killed, its end of the pipe closes, and the server stops.
    // Detached: Ctrl-C in the terminal reaches this process alone, which then stops its servers in order.
    const command = [PROGRAM, 'serve', '--mode', mode, '--format', 'ndjson', '--until-eof', ...flags];
    this.#child = spawn(process.execPath, command, { stdio: 'pipe', detached: true });
    this.#child.stdin!.on('error', () => {}); // it ended first
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    let heard: (listening: Listening) => void = () => {};
    const listening = new Promise<Listening>((resolve) => {
      heard = resolve;
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const events = this.#take(text);
      const first = events.find((event) => event.event === 'listening');
      if (first !== undefined) heard(first);
      if (events.length > 0) this.#onEvents(events);
    });
    this.ended = once(this.#child, 'close').then(
      ([status, signal]) => this.#whyEnded(status, signal),
      (error: Error) => `expected to start a server, found ${error.message}; try again.`,
    );
    this.listening = Promise.race([listening, this.ended.then(() => undefined)]);
  }

  /** Stops it in order, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.stdin!.end();
    const late = setTimeout(() => {
      this.#late = true;
      this.#child.kill('SIGKILL');
    }, STOP_MS);
    await this.ended;
    clearTimeout(late);
  }

  #take(text: string): LifecycleEvent[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    return lines.map((line) => JSON.parse(line) as LifecycleEvent);
  }

  /** In its own last sentence; a process that dies otherwise leaves what no student can read, or nothing. */
  #whyEnded(status: number | null, signal: string | null): string | undefined {
    if (this.#stopping && signal === null) return undefined;
    if (this.#late)
      return `expected the server to stop within ${STOP_MS / 1000} s, found that it did not, and ended it by SIGKILL; run it again.`;
    const own = this.#said.split('\n').findLast((line) => line.startsWith(OWN_WORDS));
    if (own !== undefined) return escapeControls(own.slice(OWN_WORDS.length).trim());
    const how = this.#said.includes('out of memory')
      ? 'its JavaScript was out of memory'
      : signal === null
        ? `it ended with status ${status}`
        : `it was ended by ${signal}`;
    return `expected the server to go on, found that ${how}; run it again.`;
  }
}
