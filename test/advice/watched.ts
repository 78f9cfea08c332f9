// A server under `watch`, in the test's own process: starting the whole program for each of them would take the longest.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LiveAdviser } from '../../src/advice/live-adviser.js';
import type { LifecycleEvent, Listening } from '../../src/lifecycle/events.js';
import { WatchedServer } from '../../src/sources/strace/watched-server.js';
import { temporaryFolder, whenTestsEnd } from '../support/cleanup.js';

const SERVERS = fileURLToPath(new URL('../../../test/advice/servers/', import.meta.url));

/** The small servers in C, by name: compiled once. */
export function compiled(names: readonly string[]): Record<string, string> {
  const folder = temporaryFolder();
  for (const name of names)
    execFileSync('gcc', ['-O1', '-o', join(folder, name), join(SERVERS, `${name}.c`)]);
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

export class Watched {
  readonly events: LifecycleEvent[] = [];
  readonly server: WatchedServer;
  #waiting: (() => void)[] = [];

  constructor(command: readonly string[]) {
    const adviser = new LiveAdviser((events) => {
      this.events.push(...events);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.server = new WatchedServer({ target: { command }, onOutput: () => {}, onEvents: adviser.take });
    const isOver = whenTestsEnd(() => process.kill(-this.server.tracer!, 'SIGKILL'));
    void this.server.ended.finally(() => {
      isOver();
      adviser.close();
    });
  }

  /** The names of the rules that have spoken. */
  get rules(): string[] {
    return this.events.flatMap((event) => (event.event === 'advice' ? [event.rule] : []));
  }

  async first<T extends LifecycleEvent>(matches: (event: LifecycleEvent) => event is T): Promise<T> {
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async port(): Promise<number> {
    return (await this.first((event): event is Listening => event.event === 'listening')).port;
  }

  /** Resolves when so many microseconds of its events have passed. */
  async passed(us: number): Promise<void> {
    await this.first((event): event is LifecycleEvent => event.at >= us);
  }

  async stop(): Promise<void> {
    this.server.stop();
    await this.server.ended;
  }
}
