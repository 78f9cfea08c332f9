// A check: what clients do to a server, and what they hope for. Each is a file in checks/.

import type { Field } from './fields.js';
import type { Stage } from './stage.js';

type Limits = Readonly<Record<string, Field<number>>>;

export interface Check<L extends Limits = Limits> {
  readonly name: string;
  /** What a server that passes it does. */
  readonly title: string;
  /** What an assignment can set for it. */
  readonly limits: L;
  /** Resolves where it is passed. Throws a Failure, a NotRun or a Skipped. */
  readonly play: (stage: Stage, limits: { readonly [K in keyof L]: number }) => Promise<void>;
}

/** Keeps the names of the limits for `play`, and forgets them for the list of all checks. */
export const check = <L extends Limits>(all: Check<L>): Check => all as unknown as Check;
