// The flags of `compare`, as values.
// command.ts reads them, run.ts acts on them.

import type { Mode, Pace } from '../../models/options.js';
import type { Range } from '../option-values.js';

export interface CompareFlags {
  readonly modes?: readonly Mode[];
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
}
