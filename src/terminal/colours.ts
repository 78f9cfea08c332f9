// The colours that the output can have: those of the terminal, or none where NO_COLOR asks for that (no-color.org).

import { Chalk, type ChalkInstance, default as detected } from 'chalk';

export function colours(): ChalkInstance {
  return new Chalk({ level: process.env.NO_COLOR ? 0 : detected.level });
}
