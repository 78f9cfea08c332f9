// A check: what clients do to a server, and what they hope for. Each is a file in checks/.

import type { AssignmentField } from './fields.js';
import type { Testbed } from './testbed.js';

type CheckLimits = Readonly<Record<string, AssignmentField<number>>>;

export interface Check<L extends CheckLimits = CheckLimits> {
  readonly name: string;
  /** What a server that passes it does. */
  readonly title: string;
  /** What an assignment can set for it. */
  readonly limits: L;
  /** Resolves where it is passed. Throws a Failure, a NotRun or a Skipped. */
  readonly play: (testbed: Testbed, limits: { readonly [K in keyof L]: number }) => Promise<void>;
}

/** Keeps the names of the limits for `play`, and forgets them for the list of all checks. */
export const check = <L extends CheckLimits>(all: Check<L>): Check => all as unknown as Check;
