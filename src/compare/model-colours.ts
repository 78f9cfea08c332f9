// One colour for each model and for each other server, the same on the terminal and on the report page.

import type { ChalkInstance } from 'chalk';
import { MODES, type Mode, type ModelName, modeOf, type ServerName } from '../models/options.js';

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
  completion: { light: '#4d6b0f', dark: '#a8d45f', terminal: 106 },
};

/** A variant stands beside the plain model, or beside another variant: by its last flag it has a colour of its own. */
const VARIANT_COLOURS: Readonly<Record<string, ModelColour>> = {
  poller: { light: '#7a6a00', dark: '#d8c75a', terminal: 178 },
  loops: { light: '#0f7a3d', dark: '#6fd48f', terminal: 35 },
  share: { light: '#9a3412', dark: '#fdba8c', terminal: 173 },
  'edge-triggered': { light: '#4338ca', dark: '#a5b4fc', terminal: 105 },
  workers: { light: '#6b4f3f', dark: '#d0ae9a', terminal: 137 },
};

/** Servers that are not ours, in the order in which they were met. */
const OTHER_COLOURS: readonly ModelColour[] = [
  { light: '#37474f', dark: '#b0bec5', terminal: 250 },
  { light: '#a61b1b', dark: '#ff8a80', terminal: 210 },
];
const others: ServerName[] = [];

function otherColour(name: ServerName): ModelColour {
  if (!others.includes(name)) others.push(name);
  return OTHER_COLOURS[others.indexOf(name) % OTHER_COLOURS.length]!;
}

const isModel = (name: ServerName): name is ModelName => MODES.includes(modeOf(name as ModelName));

export function modelColour(name: ServerName): ModelColour {
  if (!isModel(name)) return otherColour(name);
  const flag = /:([\w-]+)[^:]*$/.exec(name)?.[1];
  return (flag === undefined ? undefined : VARIANT_COLOURS[flag]) ?? MODEL_COLOURS[modeOf(name)];
}

/** For a terminal. */
export const inModelColour = (chalk: ChalkInstance, name: ServerName): ChalkInstance =>
  chalk.ansi256(modelColour(name).terminal);
