// Starts the program as a user does, on a free port, and reads the events that it prints.
// Tests wait for events, never for a time; node:test's own limit ends one that waits in vain.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LifecycleEvent, Listening } from '../../src/lifecycle/events.js';
import { spawn, whenTestsEnd } from './cleanup.js';

export const PROGRAM = fileURLToPath(new URL('../../../bin/evented-demo.js', import.meta.url));

export type EventOf<E extends LifecycleEvent['event']> = Extract<LifecycleEvent, { event: E }>;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export class TestServer {
  readonly process: ChildProcess;
  readonly events: LifecycleEvent[] = [];
  readonly ended: Promise<Ended>;
  #waiting: (() => void)[] = [];
  #over = false;
  #stderr = '';

  private constructor(child: ChildProcess) {
    this.process = child;
    child.stderr?.on('data', (text) => {
      this.#stderr += text;
      this.#wake();
    });
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      this.events.push(JSON.parse(line));
      this.#wake();
    });
    this.ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(([[status, signal]]) => {
      this.#over = true;
      this.#wake();
      return { status, signal, stderr: this.#stderr };
    });
  }

  /** `evented-demo serve` with these flags; resolves when it listens. `wrap` is a command to run it under. */
  static async start(
    flags: readonly string[],
    wrap: readonly string[] = [],
    program = PROGRAM,
  ): Promise<TestServer> {
    const [command, ...args] = [
      ...wrap,
      process.execPath,
      program,
      'serve',
      '--port=0',
      '--format=ndjson',
      ...flags,
    ];
    const server = new TestServer(spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    await server.first('listening');
    return server;
  }

  /** `evented-demo watch` with these arguments; resolves when the watched server listens. */
  static async watching(args: readonly string[]): Promise<TestServer> {
    const command = [PROGRAM, 'watch', '--format=ndjson', ...args];
    const server = new TestServer(spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] }));
    await server.first('listening');
    const isOver = whenTestsEnd(() => process.kill(server.pid, 'SIGKILL'));
    void server.ended.then(isOver);
    return server;
  }

  get listening(): Listening {
    return this.all('listening')[0]!;
  }

  get port(): number {
    return this.listening.port;
  }

  /** The program's own process, also where it runs under another. */
  get pid(): number {
    return this.listening.pid;
  }

  all<E extends LifecycleEvent['event']>(name: E): EventOf<E>[] {
    return this.events.filter((event): event is EventOf<E> => event.event === name);
  }

  /** The events of one connection. */
  of(connection: number): LifecycleEvent[] {
    return this.events.filter((event) => 'connection' in event && event.connection === connection);
  }

  /** The first event of this name for which `matches` holds, now or later. */
  async first<E extends LifecycleEvent['event']>(
    name: E,
    matches: (event: EventOf<E>) => boolean = () => true,
  ): Promise<EventOf<E>> {
    for (;;) {
      const found = this.all(name).find(matches);
      if (found !== undefined) return found;
      await this.#more(`a ${name} event`);
    }
  }

  /** What the first group of this pattern matches in what the program says on standard error, now or later. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#stderr);
      if (found !== null) return found[1]!;
      await this.#more(String(pattern));
    }
  }

  /** Waits until there are so many events of this name. */
  async count(name: LifecycleEvent['event'], number: number): Promise<void> {
    while (this.all(name).length < number) await this.#more(`${number} ${name} events`);
  }

  /** The connection that came from this port of the client. */
  async connectionFrom(sourcePort: number, sourceAddress?: string): Promise<EventOf<'accepted'>> {
    return this.first(
      'accepted',
      ({ fourTuple }) =>
        fourTuple[1] === sourcePort && (sourceAddress === undefined || fourTuple[0] === sourceAddress),
    );
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (!this.#over) process.kill(this.all('listening').length > 0 ? this.pid : this.process.pid!, signal);
    return this.ended;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #more(what: string): Promise<void> {
    if (this.#over) {
      const { status, stderr } = await this.ended;
      throw new Error(`expected ${what}, but the program ended with status ${status}: ${stderr}`);
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** Runs one server; `use` may stop it. */
export async function withServer(
  flags: readonly string[],
  use: (server: TestServer) => Promise<void>,
  wrap?: readonly string[],
): Promise<void> {
  const server = await TestServer.start(flags, wrap);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

/** Runs the program to its end, with nothing on standard input. */
export async function run(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; uid?: number; cwd?: string } = {},
): Promise<Ended & { stdout: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const [status, signal] = await once(child, 'close');
  return { status, signal, stdout, stderr };
}
