// Starts `evented-demo connect` as a user does, and reads the events that it prints. Tests wait for events.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ClientEvent } from '../../src/clients/events.js';
import { spawn } from './cleanup.js';
import { type Ended, PROGRAM } from './server.js';

export type ClientEventOf<E extends ClientEvent['event']> = Extract<ClientEvent, { event: E }>;

export class TestClients {
  readonly process: ChildProcess;
  readonly events: ClientEvent[] = [];
  readonly ended: Promise<Ended>;
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(port: number, flags: readonly string[] = []) {
    const args = [PROGRAM, 'connect', `--port=${port}`, '--format=ndjson', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      this.events.push(JSON.parse(line));
      this.#wake();
    });
    this.ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(([[status, signal]]) => {
      this.#over = true;
      this.#wake();
      return { status, signal, stderr };
    });
  }

  get pid(): number {
    return this.process.pid!;
  }

  all<E extends ClientEvent['event']>(name: E): ClientEventOf<E>[] {
    return this.events.filter((event): event is ClientEventOf<E> => event.event === name);
  }

  /** Waits until there are so many events of this name for which `matches` holds, and gives them. */
  async count<E extends ClientEvent['event']>(
    name: E,
    number: number,
    matches: (event: ClientEventOf<E>) => boolean = () => true,
  ): Promise<ClientEventOf<E>[]> {
    for (;;) {
      const found = this.all(name).filter(matches);
      if (found.length >= number) return found;
      if (this.#over) {
        const { status, stderr } = await this.ended;
        throw new Error(`expected ${number} ${name} events, but it ended with status ${status}: ${stderr}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async first<E extends ClientEvent['event']>(
    name: E,
    matches?: (event: ClientEventOf<E>) => boolean,
  ): Promise<ClientEventOf<E>> {
    return (await this.count(name, 1, matches))[0]!;
  }

  /** Ctrl-C. */
  async interrupt(): Promise<Ended> {
    this.process.kill('SIGINT');
    return this.ended;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
