// One colour for each model, the same on the terminal and on the report page.

import type { ChalkInstance } from 'chalk';
import { type Mode, type ModelName, modeOf } from '../models/options.js';

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

/** Of a server that follows none of the models: a recording may come from a later version. */
const OTHER: ModelColour = { light: '#56616d', dark: '#9aa7b4', terminal: 245 };

export function modelColour(name: ModelName): ModelColour {
  const flag = /:([\w-]+)[^:]*$/.exec(name)?.[1] ?? '';
  const mode = modeOf(name);
  if (Object.hasOwn(VARIANT_COLOURS, flag)) return VARIANT_COLOURS[flag]!;
  return Object.hasOwn(MODEL_COLOURS, mode) ? MODEL_COLOURS[mode] : OTHER;
}

/** For a terminal. */
export const inModelColour = (chalk: ChalkInstance, name: ModelName): ChalkInstance =>
  chalk.ansi256(modelColour(name).terminal);
