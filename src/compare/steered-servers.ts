// The pace of all servers of a comparison, changed at once: each gets the new pace, and slows down or speeds up by itself.

import { pauseAfter, pauseBefore } from '../sources/steering.js';
import type { ComparedServer } from './compared-server.js';

export class SteeredServers {
  #servers: readonly ComparedServer[] = [];
  readonly stepping = false;
  /** Before each step, in milliseconds; negative where a factor says how long. */
  pauseMs: number;
  /** Whether the durations are the servers' own no longer. */
  changed = false;

  constructor(pauseMs: number) {
    this.pauseMs = pauseMs;
  }

  set servers(servers: readonly ComparedServer[]) {
    this.#servers = servers;
  }

  faster(): void {
    this.#pause(pauseBefore(this.pauseMs));
  }

  slower(): void {
    this.#pause(pauseAfter(this.pauseMs));
  }

  #pause(milliseconds: number): void {
    if (milliseconds === this.pauseMs) return;
    this.pauseMs = milliseconds;
    this.changed = true;
    for (const server of this.#servers) server.pauseFor?.(milliseconds);
  }
}
