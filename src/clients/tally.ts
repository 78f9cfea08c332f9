// What became of the requests of many clients: how many were answered, why the others failed, how long the answers took.

import { build, type Histogram } from 'hdr-histogram-js';
import type { Answer, Outcome } from './client.js';

/** Latencies up to an hour, in microseconds. */
const LONGEST_US = 3_600_000_000;

export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A histogram that keeps three significant digits, as all latencies of this program are told. */
export function latencyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  });
}

export function latenciesOf(histogram: Histogram): Latencies | undefined {
  if (histogram.totalCount === 0) return undefined;
  const max = histogram.maxValue;
  // The histogram gives the upper end of the bucket that a value lies in.
  const within = (percentile: number): number => Math.min(histogram.getValueAtPercentile(percentile), max);
  return { count: histogram.totalCount, p50: within(50), p99: within(99), max };
}

/** Plain data, to be sent from the clients' thread. */
export interface TallyFigures {
  readonly answered: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Of those that were to be measured; absent where none failed. */
  readonly measuredFailed?: number;
  readonly latency?: Latencies;
  /** Absent for one request alone, and where the clients kept to a schedule. */
  readonly requestsPerSecond?: number;
}

export class Tally {
  readonly #histogram = latencyHistogram();
  readonly #failures = new Map<Outcome, number>();
  #answered = 0;
  #measuredFailed = 0;
  #scheduled = false;
  #firstStart = Number.POSITIVE_INFINITY;
  #lastEnd = 0;

  /** `measured`: its time counts. Call it when the answer has just come. */
  add(answer: Answer, measured: boolean): void {
    if (answer.outcome === 'answered') this.#answered++;
    else this.fail(answer.outcome);
    if (!measured) return;
    if (answer.outcome !== 'answered') {
      this.#measuredFailed++;
      return;
    }
    const now = performance.now();
    this.#firstStart = Math.min(this.#firstStart, now - answer.tookUs / 1e3);
    this.#lastEnd = now;
    this.#histogram.recordValue(Math.max(1, Math.min(Math.round(answer.tookUs), LONGEST_US)));
  }

  /** One that could not even ask. */
  fail(outcome: Outcome): void {
    this.#failures.set(outcome, (this.#failures.get(outcome) ?? 0) + 1);
  }

  /** Measured requests are sent at fixed times: how many a second is then the clients' doing, not the server's. */
  keepSchedule(): void {
    this.#scheduled = true;
  }

  get figures(): TallyFigures {
    const latency = latenciesOf(this.#histogram);
    const seconds = (this.#lastEnd - this.#firstStart) / 1e3;
    return {
      answered: this.#answered,
      failed: [...this.#failures.values()].reduce((sum, each) => sum + each, 0),
      failures: Object.fromEntries(this.#failures),
      ...(this.#measuredFailed === 0 ? {} : { measuredFailed: this.#measuredFailed }),
      ...(latency === undefined ? {} : { latency }),
      ...(latency === undefined || latency.count < 2 || this.#scheduled
        ? {}
        : { requestsPerSecond: latency.count / seconds }),
    };
  }
}
