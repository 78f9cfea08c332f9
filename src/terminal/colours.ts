// The colours of the output: those of the terminal, or none if NO_COLOR is set (no-color.org).

import { Chalk, type ChalkInstance, default as detected } from 'chalk';

export function colours(): ChalkInstance {
  return new Chalk({ level: process.env.NO_COLOR ? 0 : detected.level });
}
