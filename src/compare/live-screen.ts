// A comparison on a terminal while it runs: lines that scroll, below them the step that still runs, and a status that stays.
// In a pipe each step is printed when it is over.

import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ModelName } from '../models/options.js';
import type { Output } from '../terminal/output.js';
import type { Columns } from './columns.js';
import type { Observer } from './compare.js';
import type { ClientConnection, Sample, ScenarioStep } from './comparison.js';

/** Events are shown so long after they happened, that those of all servers have come and stand in the order of time. */
const WAIT_US = 150_000;
const SHOW_EVERY_MS = 200;

export interface ServerEvent {
  readonly mode: ModelName;
  readonly event: LifecycleEvent;
}

/** What stands in the columns. */
export interface View {
  readonly columns: Columns;
  /** Takes events in the order of time, and gives lines that will not change. */
  take(events: readonly ServerEvent[]): string[];
  /** Takes what is new on the clients' side. */
  takeClients(mode: ModelName, clients: readonly ClientConnection[]): void;
  /** The lines of the step that still runs, at this time. */
  soFar(until: number): string[];
  /** The same for good: what comes now belongs to the next step. */
  stepEnds(at: number): string[];
}

export class LiveScreen implements Observer {
  readonly #output: Output;
  readonly #view: View;
  readonly #columns: Columns;
  /** Lines of the terminal; 0 where nothing can be drawn over. */
  readonly #height: number;
  readonly #timer: NodeJS.Timeout;
  readonly #ports = new Map<ModelName, string>();
  readonly #samples = new Map<ModelName, Sample>();
  readonly #failures = new Map<ModelName, string>();
  #waiting: ServerEvent[] = [];
  #steps: ScenarioStep[] = [];
  /** The common clock at 0 of the time axis; before the clients begin there is none. */
  #zeroUs = Number.POSITIVE_INFINITY;
  /** What stands below the lines, and is drawn over. */
  #below: readonly string[] = [];
  /** Whether the servers of the story run, whose figures the status shows. */
  #running = true;

  constructor(output: Output, view: View, height: number) {
    this.#output = output;
    this.#view = view;
    this.#columns = view.columns;
    this.#height = height;
    this.#timer = setInterval(() => this.#show(nowUs() - this.#zeroUs - WAIT_US), SHOW_EVERY_MS);
  }

  onListening(mode: ModelName, port: number, pid: number): void {
    this.#ports.set(mode, `port ${port}, pid ${pid}`);
  }

  /** What came before is on no common axis: that the servers began to listen is said without it. */
  onBegin(zeroUs: number): void {
    this.#zeroUs = zeroUs;
    this.#waiting = [];
    const about = this.#columns.servers.map((mode) => this.#ports.get(mode) ?? 'does not listen');
    this.#write(['', ...this.#columns.heading(about)], []);
  }

  onStep(step: ScenarioStep): void {
    this.#steps.push(step);
  }

  onEvents(mode: ModelName, events: readonly LifecycleEvent[]): void {
    for (const event of events) this.#waiting.push({ mode, event });
  }

  onClients(mode: ModelName, clients: readonly ClientConnection[]): void {
    this.#view.takeClients(mode, clients);
  }

  onSample(mode: ModelName, sample: Sample): void {
    this.#samples.set(mode, sample);
  }

  onFailure(mode: ModelName, sentence: string): void {
    this.#failures.set(mode, sentence);
    this.#write([this.#columns.chalk.red(`${mode}: ${sentence}`)], this.#below);
  }

  onLoad(mode: ModelName, seconds: number): void {
    this.#end();
    this.#write(
      this.#columns.step({
        text: `${mode} alone, at full speed for ${seconds} s`,
        at: nowUs() - this.#zeroUs,
      }),
      [],
    );
  }

  /** Shows what still waits; from then on nothing stands below. */
  close(): void {
    this.#end();
  }

  #end(): void {
    if (!this.#running) return;
    clearInterval(this.#timer);
    this.#running = false;
    this.#show(Number.POSITIVE_INFINITY);
  }

  /** Shows what happened before this moment, and keeps the rest. */
  #show(until: number): void {
    const steps = this.#steps.filter(({ at }) => at <= until);
    this.#steps = this.#steps.slice(steps.length);
    const lines: string[] = [];
    for (const step of steps) {
      lines.push(...this.#view.take(this.#takeUntil(step.at)));
      lines.push(...this.#view.stepEnds(step.at), ...this.#columns.step(step));
    }
    lines.push(...this.#view.take(this.#takeUntil(until)));
    if (!this.#running) lines.push(...this.#view.stepEnds(nowUs() - this.#zeroUs));
    this.#write(lines, this.#running ? this.#stillRunning(until) : []);
  }

  #takeUntil(until: number): ServerEvent[] {
    const taken = this.#waiting.filter(({ event }) => event.at < until);
    this.#waiting = this.#waiting.filter(({ event }) => event.at >= until);
    return taken.sort((a, b) => a.event.at - b.event.at); // each server's came in order, but not those of all
  }

  #stillRunning(until: number): string[] {
    if (this.#height === 0 || this.#zeroUs === Number.POSITIVE_INFINITY) return [];
    const status = this.#columns.status(this.#samples, this.#failures);
    // A terminal may keep what is cleared from its first line on (tmux does), so that line is left alone.
    const room = Math.max(0, this.#height - status.length - 2);
    return [...this.#view.soFar(until).slice(0, room), ...status];
  }

  #write(lines: readonly string[], below: readonly string[]): void {
    if (this.#output.full) return this.#output.skip(lines.length);
    if (lines.length === 0 && below.join() === this.#below.join()) return;
    // CSI F: to the beginning of the line so many lines above; CSI J: clear from there.
    const clear = this.#below.length > 0 ? `\x1b[${this.#below.length}F\x1b[J` : '';
    this.#below = below;
    this.#output.write(clear + [...lines, ...below].map((line) => `${line}\n`).join(''), lines.length);
  }
}
