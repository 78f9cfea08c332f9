// The flags of `compare`, as values.
// command.ts reads them, run.ts acts on them.

import { basename } from 'node:path';
import { PORT } from '../../compare/other-server.js';
import { MODES, type ModelName, modeOf, type Pace, type ServerName } from '../../models/options.js';
import type { Range, Reader } from '../option-values.js';

/** A server that is not ours. */
export interface With {
  readonly name: ServerName;
  readonly command: string;
}

export interface CompareFlags {
  readonly modes?: readonly ModelName[];
  readonly with?: readonly With[];
  readonly connections?: number;
  readonly pace?: Pace;
  /** The first server's. */
  readonly port?: number;
  /** Of `open` only. */
  readonly host?: string;
  readonly ask?: true;
  readonly lines?: 'folded' | 'all';
  readonly board?: true;
  /** The port of the live page. */
  readonly page?: number;
  readonly quiet?: true;
  readonly json?: true;
  readonly report?: string;
  readonly list?: true;
  readonly sweep?: Range;
  readonly pollers?: true;
}

/** More would not fit beside each other. */
const MOST_MODELS = 4;
/** The flags of `serve` that make another model of one: all others would only make the comparison unfair. */
const VARIANT =
  /^(poller=(epoll|poll|select)|loops=\d+|share=listener|workers=\d+|edge-triggered|threads=\d+|queue-limit=\d+|queue-order=(fifo|shortest)|when-full=(wait|refuse)|prefork=\d+)$/;

/** Models with commas between them, none of them twice, each with flags of its own: `blocking,evented:loops=2`. */
export const models: Reader<readonly ModelName[]> = {
  use:
    `one to ${MOST_MODELS} of ${MODES.join(', ')}, with commas between them; ` +
    'a flag of its own follows a model behind a colon, as in evented:loops=2',
  read: (text) => {
    const names = text.split(',') as ModelName[];
    const sound = names.every(
      (name) =>
        MODES.includes(modeOf(name)) &&
        name
          .split(':')
          .slice(1)
          .every((flag) => VARIANT.test(flag)),
    );
    return sound && names.length <= MOST_MODELS && new Set(names).size === names.length ? names : undefined;
  },
};

/** `NAME=COMMAND`; a shell's variable, as in `PORT={port} ./server`, has a name without small letters. */
const NAMED = /^(?=[^=]*[a-z])([A-Za-z][\w.-]{0,19})=(.*)$/s;
/** Programs that run another one, which is the server. */
const RUNS_ANOTHER =
  /^(exec|env|nice|time|timeout|sudo|sh|bash|python[\d.]*|node|nodejs|deno|bun|run|java|ruby|perl|php|go|cargo|npx|uv|pypy3?)$/;
const LONGEST_NAME = 20;

export const withCommand: Reader<With> = {
  use: `a command with ${PORT} where its port belongs, such as 'python3 server.py ${PORT}', or NAME=COMMAND`,
  read: (text) => {
    const [, name, command = text] = NAMED.exec(text) ?? [];
    return command.includes(PORT) ? { name: name ?? nameOf(command), command } : undefined;
  },
};

/** `server.py` of `cd server && python3 -u server.py {port}`. */
function nameOf(command: string): ServerName {
  const part = command.split(/[&|;]+/).find((each) => each.includes(PORT))!;
  const words = part.trim().split(/\s+/);
  const plain = words.filter((word) => !/^-|=|^\W+$/.test(word) && word !== PORT);
  const word = plain.find((each) => !RUNS_ANOTHER.test(basename(each))) ?? plain[0] ?? 'server';
  return (
    basename(word)
      .replace(/[^\w.-]/g, '')
      .slice(0, LONGEST_NAME) || 'server'
  );
}
