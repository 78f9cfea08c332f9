// The result of one check: its status, what was found, and what to do about it.

import { inWords } from '../posix/shortage.js';

export type FindingStatus = 'ok' | 'warning' | 'failing';

export interface Finding {
  /** The name of the check: a word or two. */
  readonly check: string;
  readonly status: FindingStatus;
  readonly found: string;
  /** What to do; undefined where the status is ok. */
  readonly advice?: string;
}

/** What the checks are about. */
export interface Asked {
  readonly port: number;
  /** The folder in which walkthroughs keep their progress; undefined where this user has no home. */
  readonly stateFolder: string | undefined;
}

/** One check. It tries what it reports, and never throws. No findings where there is nothing to check. */
export type MachineCheck = (asked: Asked) => Promise<readonly Finding[]>;

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });

const withAdvice =
  (status: FindingStatus) =>
  (check: string, found: string, advice: string): Finding => ({ check, status, found, advice });

export const warning = withAdvice('warning');
export const failing = withAdvice('failing');

/** How long a trial may take, in milliseconds. */
export const PATIENCE_MS = 5_000;

/** What went wrong, in short: the name of a system call's error, or a sentence. */
export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `no answer within ${PATIENCE_MS / 1000} s`;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : inWords(code);
}
