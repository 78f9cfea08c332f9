// One colour for each model, the same on the terminal and on the report page.

import type { ChalkInstance } from 'chalk';
import type { Mode } from '../models/options.js';

interface ModelColour {
  /** On white paper and in a dark room, with a contrast of 4.5 or more. */
  readonly light: string;
  readonly dark: string;
  /** The same hue among the 256 colours of a terminal. */
  readonly terminal: number;
}

export const MODEL_COLOURS: Readonly<Record<Mode, ModelColour>> = {
  iterative: { light: '#8e2f8e', dark: '#d993f2', terminal: 133 },
  blocking: { light: '#b3470b', dark: '#ff9e64', terminal: 166 },
  pool: { light: '#8a5a00', dark: '#e6b450', terminal: 136 },
  processes: { light: '#a02c5a', dark: '#ff8fb1', terminal: 168 },
  evented: { light: '#1f5fbf', dark: '#74adff', terminal: 32 },
  async: { light: '#0f766e', dark: '#5ed3c4', terminal: 36 },
  completion: { light: '#8a4b08', dark: '#e5a85b', terminal: 136 },
};

/** For a terminal. */
export const inModelColour = (chalk: ChalkInstance, mode: Mode): ChalkInstance =>
  chalk.ansi256(MODEL_COLOURS[mode].terminal);
