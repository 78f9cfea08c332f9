// The terminal: whether it is wide enough, and has colours for connections and characters for a QR code.

import { colours } from '../terminal/colours.js';
import { hasUnicode, terminalSize } from '../terminal/terminal.js';
import { type MachineCheck, ok, warning } from './finding.js';

const WIDTH = 80;

const COLOURS = ['no colours', '16 colours', '256 colours', '16 million colours'];

export const terminal: MachineCheck = async () => {
  const size = terminalSize(process.stdout);
  if (size === undefined) return [ok('terminal', 'none: the output goes to a file or a program')];
  const characters = hasUnicode(process.env) ? 'UTF-8' : 'no UTF-8, so no QR code';
  const { columns, rows } = size;
  const found = `${columns} columns, ${rows} rows, ${COLOURS[colours().level]}, ${characters}`;
  if (columns >= WIDTH) return [ok('terminal', found)];
  return [warning('terminal', found, `make the window wider or the font smaller, for ${WIDTH} columns`)];
};
