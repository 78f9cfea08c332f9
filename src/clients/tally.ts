// The results of many requests: how many were answered, why the others failed, how long the answers took.

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Exchange, Outcome } from './client.js';

/** The histogram silently drops what is longer: an hour, in microseconds. */
const LONGEST_US = 3_600_000_000;

/** In microseconds, to three significant digits. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

function latencyOf(histogram: RecordableHistogram): Latency | undefined {
  const { count, max } = histogram;
  if (count === 0) return undefined;
  return { count, p50: histogram.percentile(50), p99: histogram.percentile(99), max };
}

/** Plain data, for the main thread. */
export interface TallyFigures {
  /** In full, with status 200. */
  readonly answered: number;
  readonly failed: number;
  /** Why they failed: `no reply in time`, `refused`, `reset`, `closed without a reply`. */
  readonly failures: Readonly<Record<string, number>>;
  /**
   * Of a server that is not ours: by target, the answers that were not what the target asks of our models, such as status
   * 404 for /sleep. They have no latency. Absent where there were none.
   */
  readonly notAsAsked?: Readonly<Record<string, number>>;
  /** Measured requests that failed; absent where none did. */
  readonly measuredFailed?: number;
  /** Of the measured requests that were answered: from the connect, or from the request on a kept connection, to the last byte. */
  readonly latency?: Latency;
  /**
   * Measured requests answered, by the time from the first one's start to the last one's end; absent for one request
   * alone, and where they came at fixed times: then it would be the clients' rate.
   */
  readonly requestsPerSecond?: number;
}

export class Tally {
  readonly #histogram = createHistogram({ highest: LONGEST_US, figures: 3 });
  readonly #failures = new Map<Outcome, number>();
  readonly #notAsAsked = new Map<string, number>();
  #answered = 0;
  #measuredFailed = 0;
  #scheduled = false;
  #firstStart = Number.POSITIVE_INFINITY;
  #lastEnd = 0;

  /** `measured`: its time counts. To be called when the answer has just come. */
  add({ outcome, tookUs }: Pick<Exchange, 'outcome' | 'tookUs'>, measured: boolean): void {
    if (outcome !== 'answered') {
      this.fail(outcome);
      if (measured) this.#measuredFailed++;
    } else if (measured) this.answered(tookUs);
    else this.#answered++;
  }

  /** A measured answer that came at `nowMs`, by performance.now(). */
  answered(tookUs: number, nowMs = performance.now()): void {
    this.#answered++;
    this.#firstStart = Math.min(this.#firstStart, nowMs - tookUs / 1e3);
    this.#lastEnd = nowMs;
    this.#histogram.record(Math.max(1, Math.min(Math.round(tookUs), LONGEST_US)));
  }

  /** It was answered, but not as `target` asks. */
  addNotAsAsked(target: string): void {
    this.#answered++;
    this.#notAsAsked.set(target, (this.#notAsAsked.get(target) ?? 0) + 1);
  }

  /** A client that could not even send its request. */
  fail(outcome: Outcome): void {
    this.#failures.set(outcome, (this.#failures.get(outcome) ?? 0) + 1);
  }

  /** Requests are sent at fixed times, so their rate says nothing about the server. */
  keepSchedule(): void {
    this.#scheduled = true;
  }

  get figures(): TallyFigures {
    const latency = latencyOf(this.#histogram);
    const seconds = (this.#lastEnd - this.#firstStart) / 1e3;
    return {
      answered: this.#answered,
      failed: [...this.#failures.values()].reduce((sum, each) => sum + each, 0),
      failures: Object.fromEntries(this.#failures),
      ...(this.#notAsAsked.size === 0 ? {} : { notAsAsked: Object.fromEntries(this.#notAsAsked) }),
      ...(this.#measuredFailed === 0 ? {} : { measuredFailed: this.#measuredFailed }),
      ...(latency === undefined ? {} : { latency }),
      ...(latency === undefined || latency.count < 2 || this.#scheduled
        ? {}
        : { requestsPerSecond: latency.count / seconds }),
    };
  }
}
