// A watched server's events as lines, with its header above them and its model below.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { Target } from '../../sources/strace/watched-server.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { WorthALine } from '../../terminal/worth-a-line.js';
import { type Findings, modelAndAdvice, watchHeader } from './frame.js';

export class WatchLines {
  readonly #pretty: PrettyLines;
  readonly #chalk: ChalkInstance;
  readonly #target: Target;
  readonly #findings: Findings;
  readonly #worth = new WorthALine(() => true);

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

  lines(events: readonly LifecycleEvent[]): string[] {
    const stopped = events.some(({ event }) => event === 'stopped');
    // At the end the model stands below the totals.
    const shown = this.#worth.take(events).filter((event) => !(stopped && event.event === 'model-seen'));
    const lines = this.#pretty.lines(shown);
    const listening = shown.find((event) => event.event === 'listening');
    if (listening !== undefined)
      lines.unshift(watchHeader(this.#chalk, this.#target, listening, undefined) + this.#pretty.heading());
    if (stopped) lines.push(modelAndAdvice(this.#chalk, this.#findings, this.columns));
    return lines;
  }
}
