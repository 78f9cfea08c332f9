// The flags of `compare`, as values.
// command.ts reads them, run.ts acts on them.

import { MODES, type ModelName, modeOf, type Pace } from '../../models/options.js';
import type { Range, Reader } from '../option-values.js';
import type { NamedCommand } from './with.js';

export interface CompareFlags {
  readonly modes?: readonly ModelName[];
  readonly with?: readonly NamedCommand[];
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
  readonly record?: string;
  readonly list?: true;
  readonly sweep?: Range;
  readonly pollers?: true;
}

/** The most that --connections takes. */
export const MOST_CONNECTIONS = 100_000;
/** More would not fit beside each other. */
const MOST_MODELS = 4;
/** The flags of `serve` that make another model of one: all others would only make the comparison unfair. */
const VARIANT =
  /^(poller=(epoll|poll|select)|loops=\d+|share=listener|workers=\d+|edge-triggered|threads=\d+|queue-limit=\d+|queue-order=(fifo|shortest)|when-full=(wait|refuse)|prefork=\d+)$/;

/** Models with commas between them, none of them twice, each with flags of its own: `blocking,evented:loops=2`. */
export const modelList: Reader<readonly ModelName[]> = {
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
