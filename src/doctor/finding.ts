// What one check has found: whether it is well, in words, and what to do where it is not.

import { inWords } from '../posix/shortage.js';

export type Status = 'ok' | 'warning' | 'failing';

export interface Finding {
  /** What was looked at: a word or two. */
  readonly check: string;
  readonly status: Status;
  readonly found: string;
  /** What to do; only where it is not ok. */
  readonly advice?: string;
}

/** What the doctor is asked about. */
export interface Asked {
  readonly port: number;
  /** The folder in which walkthroughs keep their progress; undefined where this user has no home. */
  readonly stateFolder: string | undefined;
}

/** One check, which really tries what it tells of. It never throws; no findings where there is nothing to look at. */
export type Check = (asked: Asked) => Promise<readonly Finding[]>;

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });

export const warning = (check: string, found: string, advice: string): Finding => ({
  check,
  status: 'warning',
  found,
  advice,
});

export const failing = (check: string, found: string, advice: string): Finding => ({
  check,
  status: 'failing',
  found,
  advice,
});

/** How long a trial may take, in milliseconds. */
export const PATIENCE_MS = 5_000;

/** What went wrong, as short as it is known: the name of a system call's error, or a sentence. */
export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `nothing for ${PATIENCE_MS / 1000} s`;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : inWords(code);
}
