// What came of an assignment, as plain data: from it come the lines, results.json and the JUnit file.

import type { CheckOutcome, CheckStatus } from './play.js';
import type { FailureRecording } from './recorded.js';

export interface CheckResult extends Omit<CheckOutcome, 'neverListened' | 'failedAt'>, FailureRecording {
  readonly name: string;
  readonly title: string;
  readonly points: number;
  readonly most: number;
  readonly hidden: boolean;
}

export interface Result {
  readonly title: string;
  readonly checks: readonly CheckResult[];
}

/** What a student may read of a check that did not pass, a line each. */
export function explanation({ hidden, status, reasons, printed, file, notes = [] }: CheckResult): string[] {
  if (status === 'passed') return [];
  if (hidden) return ['This check is hidden: what it does is not shown.'];
  return [
    ...reasons,
    ...(file === undefined ? [] : [`Recording: ${file}`]),
    ...notes,
    ...printed.map((line) => `server: ${line}`),
  ];
}

/** How many checks ended so. */
export const countOf = ({ checks }: Result, status: CheckStatus): number =>
  checks.filter((each) => each.status === status).length;

export const secondsOf = ({ checks }: Result): number => sum(checks.map(({ seconds }) => seconds));

export const pointsOf = ({ checks }: Result): number => sum(checks.map(({ points }) => points));

/** A skipped check is no part of the assignment. */
export const mostOf = ({ checks }: Result): number => sum(checks.map(({ most }) => most));

export const allPassed = ({ checks }: Result): boolean =>
  checks.every(({ status }) => status === 'passed' || status === 'skipped');

/** Points may be fractions: without what floating point adds. */
const sum = (numbers: readonly number[]): number =>
  Number(numbers.reduce((total, each) => total + each, 0).toFixed(6));
