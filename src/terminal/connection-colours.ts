// A colour for each connection, so that the eye can follow it. For every screen that shows connections.

import type { ChalkInstance } from 'chalk';

/** Of the 256 colours: easy to read on black and on white, and no red, which is for trouble. */
export const CONNECTION_COLOURS = [
  32, 166, 71, 133, 37, 172, 99, 168, 100, 200, 137, 26, 34, 139, 93, 65, 126, 128, 141, 94, 61, 31, 29, 130,
];

export type Paint = (text: string) => string;

/**
 * A new connection takes the colour that was unused for longest, so that connections whose lines are close together
 * never share one. Each keeps its colour until as many others were shown as there are colours.
 */
export class ConnectionColours {
  readonly #free: Paint[];
  /** The colours by connection, the longest unused first. */
  readonly #owned = new Map<number, Paint>();
  #lastId: number | undefined;
  #lastPaint: Paint = String;

  constructor(chalk: ChalkInstance) {
    this.#free = chalk.level === 0 ? [] : CONNECTION_COLOURS.map((colour) => chalk.ansi256(colour));
  }

  /** Paints the text of a line about this connection. Without a connection it leaves the text as it is. */
  of(id: number | undefined): Paint {
    if (id === undefined) return String;
    if (id !== this.#lastId) {
      this.#lastId = id;
      this.#lastPaint = this.#take(id);
    }
    return this.#lastPaint;
  }

  #take(id: number): Paint {
    const paint = this.#owned.get(id) ?? this.#free.shift() ?? this.#longestUnused();
    if (paint === undefined) return String; // no colours here
    this.#owned.delete(id);
    this.#owned.set(id, paint);
    return paint;
  }

  #longestUnused(): Paint | undefined {
    for (const [id, paint] of this.#owned) {
      this.#owned.delete(id);
      return paint;
    }
    return undefined;
  }
}

/** For a table: a connection has the same colour wherever it appears. */
export function tableColour(chalk: ChalkInstance, id: number | undefined): (text: string) => string {
  if (id === undefined) return String;
  return chalk.ansi256(CONNECTION_COLOURS[(id - 1) % CONNECTION_COLOURS.length]!);
}
