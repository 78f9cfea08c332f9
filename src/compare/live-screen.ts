// A comparison on a terminal while it runs: lines that scroll, below them the step that still runs, and a status that stays.
// In a pipe each step is printed when it is over.

import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import type { Output } from '../terminal/output.js';
import type { Columns } from './columns.js';
import type { Sample, ScenarioStep } from './comparison.js';
import { knownTo, type ModeEvent } from './in-order.js';
import type { Observer } from './observer.js';

const SHOW_EVERY_MS = 200;

/** Where the lines go. */
export type LineOutput = Pick<Output, 'full' | 'skip' | 'write'>;

/** What stands in the columns. */
export interface ColumnsView {
  readonly columns: Columns;
  /** Takes events in the order of time, and gives lines that will not change. */
  take(events: readonly ModeEvent[]): string[];
  /** Takes what happened to the clients of a server. */
  takeMoments(mode: ServerName, moments: readonly ClientMoment[]): void;
  /** The lines of the step that still runs, at this time. */
  soFar(until: number): string[];
  /** The same for good: what comes now belongs to the next step. */
  stepEnds(at: number): string[];
}

export class LiveScreen implements Observer {
  readonly #output: LineOutput;
  readonly #view: ColumnsView;
  readonly #columns: Columns;
  /** Lines of the terminal; 0 where nothing can be drawn over. */
  readonly #height: number;
  readonly #timer: NodeJS.Timeout;
  readonly #ports = new Map<ServerName, string>();
  readonly #samples = new Map<ServerName, Sample>();
  readonly #failures = new Map<ServerName, string>();
  /** Since the lines were drawn last. */
  readonly #events: ModeEvent[] = [];
  /** The common clock at 0 of the time axis; before the clients begin there is none. */
  #zeroUs = Number.POSITIVE_INFINITY;
  /** What stands below the lines, and is drawn over. */
  #below: readonly string[] = [];
  /** Whether the servers of the story run, whose figures the status shows. */
  #running = true;

  constructor(output: LineOutput, view: ColumnsView, height: number) {
    this.#output = output;
    this.#view = view;
    this.#columns = view.columns;
    this.#height = height;
    this.#timer = setInterval(() => this.#show(), SHOW_EVERY_MS);
  }

  onListening(mode: ServerName, port: number, pid: number): void {
    this.#ports.set(mode, `port ${port}, pid ${pid}`);
  }

  onBegin(zeroUs: number): void {
    this.#zeroUs = zeroUs;
    const about = this.#columns.servers.map((mode) => this.#ports.get(mode) ?? 'does not listen');
    this.#write(['', ...this.#columns.heading(about)], []);
  }

  onStep(step: ScenarioStep): void {
    this.#endStep(step.at, this.#columns.step(step));
  }

  /** What servers do while the others still start is not shown. */
  onEvent(mode: ServerName, event: LifecycleEvent): void {
    if (event.at >= 0) this.#events.push({ mode, event });
  }

  onMoments(mode: ServerName, moments: readonly ClientMoment[]): void {
    this.#view.takeMoments(mode, moments);
  }

  onSample(mode: ServerName, sample: Sample): void {
    this.#samples.set(mode, sample);
  }

  onFailure(mode: ServerName, sentence: string): void {
    this.#failures.set(mode, sentence);
    this.#write([this.#columns.chalk.red(`${mode}: ${sentence}`)], this.#below);
  }

  onLoad(mode: ServerName, seconds: number): void {
    this.close();
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
    if (!this.#running) return;
    clearInterval(this.#timer);
    this.#running = false;
    this.#endStep(nowUs() - this.#zeroUs, []);
  }

  /** The step that ran ends at this time; these are the lines that begin the next one. */
  #endStep(at: number, next: readonly string[]): void {
    const lines = [...this.#view.take(this.#events.splice(0)), ...this.#view.stepEnds(at), ...next];
    this.#write(lines, this.#stillRunning());
  }

  #show(): void {
    this.#write(this.#view.take(this.#events.splice(0)), this.#stillRunning());
  }

  #stillRunning(): string[] {
    if (!this.#running || this.#height === 0 || this.#zeroUs === Number.POSITIVE_INFINITY) return [];
    const status = this.#columns.status(this.#samples, this.#failures);
    // A terminal may keep what is cleared from its first line on (tmux does), so that line is left alone.
    const room = Math.max(0, this.#height - status.length - 2);
    return [...this.#view.soFar(knownTo(this.#zeroUs)).slice(0, room), ...status];
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
