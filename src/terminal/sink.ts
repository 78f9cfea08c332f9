// From events to an output: makes only the lines that the output has room for.

import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Output } from './output.js';

/** Events at a time. After each piece it checks whether there is room for more. */
const PIECE = 512;

/** What every event has. */
export interface AnyEvent {
  readonly at: number;
  readonly event: string;
}

export class Sink<E extends AnyEvent = LifecycleEvent> {
  readonly output: Output;
  /** The time of the last event that was skipped before the next line. */
  skippedTo = 0;
  #takenTo = 0;
  readonly #format: (events: readonly E[]) => string[];

  constructor(output: Output, format: (events: readonly E[]) => string[]) {
    this.output = output;
    this.#format = format;
  }

  take(events: readonly E[]): void {
    for (let start = 0; start < events.length; start += PIECE) {
      const piece = events.length <= PIECE ? events : events.slice(start, start + PIECE);
      this.skippedTo = this.#takenTo;
      this.#takenTo = piece.at(-1)!.at;
      if (this.output.full && piece.at(-1)?.event !== 'stopped') {
        this.output.skip(piece.length);
        continue;
      }
      const lines = this.#format(piece);
      this.output.write(lines.join(''), lines.length);
    }
  }
}
