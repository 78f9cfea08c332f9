// A colour for each connection, so that one can be followed with the eye. For every screen that shows connections.

import type { ChalkInstance } from 'chalk';

/** Of the 256 colours, ones that read well on black and on white and are no red, which is for trouble. */
export const CONNECTION_COLOURS = [
  32, 166, 71, 133, 37, 172, 99, 168, 100, 200, 137, 26, 34, 139, 93, 65, 126, 128, 141, 94, 61, 31, 29, 130,
];

/**
 * A new connection takes the colour that has been unused for longest, so that connections whose lines stand near each
 * other never share one. Each keeps its colour until as many others as there are colours have been shown.
 */
export class ConnectionColours {
  readonly #chalk: ChalkInstance;
  /** Each colour and whose it is, the one longest unused first. */
  readonly #used: { readonly colour: number; owner: number | undefined }[];

  constructor(chalk: ChalkInstance) {
    this.#chalk = chalk;
    this.#used = CONNECTION_COLOURS.map((colour) => ({ colour, owner: undefined }));
  }

  /** What paints the text of a line about this connection; about none, the text stays as it is. */
  of(id: number | undefined): (text: string) => string {
    if (id === undefined) return String;
    const index = Math.max(
      0,
      this.#used.findIndex(({ owner }) => owner === id),
    );
    const [slot] = this.#used.splice(index, 1);
    slot!.owner = id;
    this.#used.push(slot!);
    return this.#chalk.ansi256(slot!.colour);
  }
}

/** In a table of all connections at one moment: the same colour wherever the connection stands in it. */
export function tableColour(chalk: ChalkInstance, id: number | undefined): (text: string) => string {
  if (id === undefined) return String;
  return chalk.ansi256(CONNECTION_COLOURS[(id - 1) % CONNECTION_COLOURS.length]!);
}
