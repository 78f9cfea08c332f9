// A comparison on a terminal while it runs: lines that scroll, and below them a status that stays.

import type { ChalkInstance } from 'chalk';
import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ModelName } from '../models/options.js';
import type { Output } from '../terminal/output.js';
import { duration } from '../terminal/quantities.js';
import type { Columns, ModelEvent } from './columns.js';
import type { Observer } from './compare.js';
import type { Sample, ScenarioStep } from './comparison.js';

/** Events are shown so long after they happened, that those of all servers have come and stand in the order of time. */
const WAIT_US = 150_000;
const SHOW_EVERY_MS = 60;
/** More lines than this at a time go by unread; a terminal is told how many they were. */
const MOST_LINES = 30;

export class LiveScreen implements Observer {
  readonly #output: Output;
  readonly #columns: Columns;
  readonly #chalk: ChalkInstance;
  readonly #isTerminal: boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #samples = new Map<ModelName, Sample>();
  readonly #failures = new Map<ModelName, string>();
  #waiting: ModelEvent[] = [];
  #steps: ScenarioStep[] = [];
  /** The common clock at 0 of the time axis; before the clients begin there is none. */
  #zeroUs = Number.POSITIVE_INFINITY;
  #statusHeight = 0;
  /** Whether the servers of the story run, whose figures the status shows. */
  #running = true;

  constructor(output: Output, columns: Columns, chalk: ChalkInstance, isTerminal: boolean) {
    this.#output = output;
    this.#columns = columns;
    this.#chalk = chalk;
    this.#isTerminal = isTerminal;
    this.#timer = setInterval(() => this.#show(nowUs() - this.#zeroUs - WAIT_US), SHOW_EVERY_MS);
  }

  onListening(mode: ModelName, port: number, pid: number): void {
    this.print([`  ${mode.padEnd(10)} http://127.0.0.1:${port}/ pid ${pid}`]);
  }

  /** What came before is on no common axis: that the servers began to listen is said without it. */
  onBegin(zeroUs: number): void {
    this.#zeroUs = zeroUs;
    this.#waiting = [];
    this.print(['', this.#columns.heading()]);
  }

  onStep(step: ScenarioStep): void {
    this.#steps.push(step);
  }

  onEvents(mode: ModelName, events: readonly LifecycleEvent[]): void {
    for (const event of events) this.#waiting.push({ mode, event });
  }

  onSample(mode: ModelName, sample: Sample): void {
    this.#samples.set(mode, sample);
  }

  onFailure(mode: ModelName, sentence: string): void {
    this.#failures.set(mode, sentence);
    this.print([this.#chalk.red(`${mode}: ${sentence}`)]);
  }

  onLoad(mode: ModelName, seconds: number): void {
    this.#running = false;
    this.#show(Number.POSITIVE_INFINITY);
    this.print([this.#chalk.bold.cyan(`-> ${mode} alone, at full speed for ${seconds} s`)]);
  }

  /** Shows what still waits; from then on there is no status. */
  close(): void {
    clearInterval(this.#timer);
    this.#running = false;
    this.#show(Number.POSITIVE_INFINITY);
  }

  print(lines: readonly string[]): void {
    this.#write(lines, this.#status());
  }

  /** Shows what happened before this moment, and keeps the rest. */
  #show(until: number): void {
    const steps = this.#steps.filter(({ at }) => at <= until);
    this.#steps = this.#steps.slice(steps.length);
    let ready = this.#waiting
      .filter(({ event }) => event.at <= until)
      .sort((a, b) => a.event.at - b.event.at); // each server's came in order, but not those of all
    this.#waiting = this.#waiting.filter(({ event }) => event.at > until);
    const lines: string[] = [];
    for (const step of steps) {
      lines.push(...this.#some(ready.filter(({ event }) => event.at < step.at)), this.#columns.step(step));
      ready = ready.filter(({ event }) => event.at >= step.at);
    }
    lines.push(...this.#some(ready));
    this.#write(lines, this.#status());
  }

  #some(told: readonly ModelEvent[]): string[] {
    const lines = this.#columns.lines(told);
    if (!this.#isTerminal || lines.length <= MOST_LINES) return lines;
    const shown = lines.slice(0, MOST_LINES);
    const span = duration(told.at(-1)!.event.at - told[0]!.event.at);
    return [
      ...shown,
      this.#chalk.dim(
        `${' '.repeat(10)} ... and ${lines.length - MOST_LINES} lines more, all within ${span}`,
      ),
    ];
  }

  #status(): string[] {
    return this.#isTerminal && this.#running ? this.#columns.status(this.#samples, this.#failures) : [];
  }

  #write(lines: readonly string[], status: readonly string[]): void {
    if (this.#output.full) return this.#output.skip(lines.length);
    // CSI F: to the beginning of the line so many lines above; CSI J: clear from there.
    const clear = this.#statusHeight > 0 ? `\x1b[${this.#statusHeight}F\x1b[J` : '';
    if (lines.length === 0 && status.length === 0 && clear === '') return;
    this.#statusHeight = status.length;
    this.#output.write(clear + [...lines, ...status].map((line) => `${line}\n`).join(''), lines.length);
  }
}
