// A sweep while it runs: a line for each point that was measured and, on a terminal, one below them that is rewritten.

import type { ChalkInstance } from 'chalk';
import type { ModelName } from '../../models/options.js';
import type { Output } from '../../terminal/output.js';
import { count, duration } from '../../terminal/quantities.js';
import { wrap } from '../../terminal/width.js';
import { capSentence, memoryText } from './quantities.js';
import type { Cap, SweepPoint } from './result.js';
import type { SweepAudience } from './sweep.js';

const MODE_WIDTH = 9;

export class SweepScreen implements SweepAudience {
  readonly #output: Output;
  readonly #chalk: ChalkInstance;
  /** Columns of the terminal; undefined in a pipe. */
  readonly #columns: number | undefined;
  #status = false;

  constructor(output: Output, chalk: ChalkInstance, columns: number | undefined) {
    this.#output = output;
    this.#chalk = chalk;
    this.#columns = columns;
  }

  onCap(mode: ModelName, cap: Cap): void {
    const lines = wrap(`${mode}: ${capSentence(cap)}`, (this.#columns ?? 100) - 5, 5);
    this.print(lines.map((line, i) => (i === 0 ? `  ${line}` : `    ${line}`)));
  }

  onListening(mode: ModelName, port: number, pid: number): void {
    this.print(['', this.#chalk.bold(`${mode}, http://127.0.0.1:${port}/ pid ${pid}`)]);
  }

  onProgress(mode: ModelName, connections: number, what: string): void {
    if (this.#columns === undefined) return;
    const where = connections === 0 ? '' : ` to ${count(connections, 'connection')}:`;
    const text = `  ${mode}${where} ${what} ...`.slice(0, this.#columns - 1);
    this.#write([], this.#chalk.dim(text));
  }

  onPoint(mode: ModelName, point: SweepPoint, memoryAtStart: number): void {
    const { connections, threads, memory, probe, load } = point;
    const figures = [
      count(threads, 'thread'),
      `${memoryText(Math.max(0, memory - memoryAtStart))} more`,
      `p99 ${duration(probe.p99)}`,
      `${Math.round(load.requestsPerSecond).toLocaleString('en')} requests/s`,
    ];
    this.print([
      `${mode.padEnd(MODE_WIDTH)}${connections.toLocaleString('en').padStart(7)}: ${figures.join(', ')}`,
    ]);
  }

  onFailure(mode: ModelName, sentence: string): void {
    this.print([this.#chalk.red(`${mode}: ${sentence}`)]);
  }

  print(lines: readonly string[]): void {
    this.#write(lines, undefined);
  }

  #write(lines: readonly string[], status: string | undefined): void {
    // CSI F: to the beginning of the line above; CSI J: clear from there.
    const clear = this.#status ? '\x1b[1F\x1b[J' : '';
    this.#status = status !== undefined;
    const all = status === undefined ? lines : [...lines, status];
    this.#output.write(clear + all.map((line) => `${line}\n`).join(''), lines.length);
  }
}
