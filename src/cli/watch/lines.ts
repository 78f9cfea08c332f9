// A watched server's events as lines, with its header above them and its model below.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { Target } from '../../sources/strace/watched-server.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { type Findings, modelAndAdvice, watchHeader } from './frame.js';

export class WatchLines {
  readonly #pretty: PrettyLines;
  readonly #chalk: ChalkInstance;
  readonly #target: Target;
  readonly #findings: Findings;
  /** Threads that have accepted, served, or waited for connections, by tid. */
  readonly #serving = new Set<number>();

  /** `findings`: those of the events so far. */
  constructor(chalk: ChalkInstance, target: Target, findings: Findings) {
    this.#chalk = chalk;
    this.#target = target;
    this.#findings = findings;
    this.#pretty = new PrettyLines(chalk, undefined, undefined);
  }

  set columns(columns: number | undefined) {
    this.#pretty.columns = columns;
  }

  get columns(): number | undefined {
    return this.#pretty.columns;
  }

  /** The sleeps of threads that have nothing to do with connections get no line: a Node server has ten such threads. */
  #isWorth(event: LifecycleEvent): boolean {
    const isAboutServing =
      ('connection' in event && event.connection !== undefined) ||
      ['listening', 'watching', 'ready'].includes(event.event) ||
      ('call' in event && event.call === 'accept4');
    if (isAboutServing) this.#serving.add(event.tid);
    return (event.event !== 'blocked' && event.event !== 'resumed') || this.#serving.has(event.tid);
  }

  lines(events: readonly LifecycleEvent[]): string[] {
    const stopped = events.some(({ event }) => event === 'stopped');
    // At the end the model stands below the totals.
    const shown = events.filter(
      (event) => this.#isWorth(event) && !(stopped && event.event === 'model-seen'),
    );
    const lines = this.#pretty.lines(shown);
    const listening = events.find((event) => event.event === 'listening');
    if (listening !== undefined)
      lines.unshift(watchHeader(this.#chalk, this.#target, listening, undefined) + this.#pretty.heading());
    if (stopped) lines.push(modelAndAdvice(this.#chalk, this.#findings, this.columns));
    return lines;
  }
}
