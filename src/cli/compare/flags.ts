// The flags of `compare`, as values.
// command.ts reads them, run.ts acts on them.

import type { Mode, Pace } from '../../models/options.js';
import type { Range } from '../option-values.js';

export interface CompareFlags {
  readonly modes?: readonly Mode[];
  readonly connections?: number;
  readonly pace?: Pace;
  readonly port: number;
  readonly ask?: true;
  readonly json?: true;
  readonly report?: string;
  readonly list?: true;
  readonly sweep?: Range;
  readonly pollers?: true;
}
