// The texts say 8080, and 8081 to 8089 where they need more; `--port` puts others in their place.

import { freePorts, isFree } from '../net/free-port.js';
import { whoListens } from '../net/who-listens.js';
import { type Commands, type LessonStep, WalkthroughError } from './format.js';

const USUAL = 8080;
const PORTS = /\b808\d\b/g;

/** The source with N for 8080, N + 1 for 8081 and so on, wherever they stand as a word. */
export function withPort(source: string, port: number): string {
  return port === USUAL ? source : source.replace(PORTS, (each) => String(port + Number(each) - USUAL));
}

/** One that is free at the moment, and the next nine too. */
export async function freePort(): Promise<number> {
  const first = await freePorts(10);
  if (first !== undefined) return first;
  throw new WalkthroughError('No ten ports in a row are free. Choose the first with --port.');
}

/** Throws if a program listens on a port that the step's commands name. */
export async function needFreePorts(file: string, step: LessonStep, port: number): Promise<void> {
  const seen = new Set<number>();
  for (const item of step.items) {
    if (item.kind !== 'commands') continue;
    for (const found of portsIn(item, port)) {
      if (seen.has(found)) continue;
      seen.add(found);
      if (await isFree(found)) continue;
      const who = whoListens(found) ?? 'another process';
      throw new WalkthroughError(
        `${file}:${item.line}: Port ${found} is taken by ${who}. Stop it, or choose another --port (0 takes a free one).`,
      );
    }
  }
}

function portsIn({ text }: Commands, port: number): number[] {
  return (text.match(/\b\d{1,5}\b/g) ?? []).map(Number).filter((each) => each >= port && each < port + 10);
}
