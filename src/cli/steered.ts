// Whether there is a terminal with a screen to draw on and with keys, as the board needs it.

import { canMoveCursor } from '../terminal/terminal.js';
import { CliError, WRONG_USAGE } from './errors.js';

export const isSteered = (): boolean =>
  canMoveCursor(process.stdout, process.env) && process.stdin.isTTY === true;

export function refuseBoardWithoutTerminal(flag = '--board'): void {
  if (!isSteered()) throw new CliError(`${flag} needs a terminal. Leave it out.`, WRONG_USAGE);
}
