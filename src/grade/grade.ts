// Grades a server: all checks of an assignment, one after the other.

import type { Assignment, PlannedCheck } from './assignment.js';
import { type CheckOutcome, play } from './play.js';
import { record } from './recorded.js';
import type { CheckResult, Result } from './result.js';

export interface GradeOptions {
  /** Each word may hold {port}. */
  readonly command: readonly string[];
  readonly assignment: Assignment;
  /** The folder for recordings. */
  readonly recordIn: string | undefined;
  readonly stopped: AbortSignal;
  readonly onCheck: (result: CheckResult) => void;
}

export async function gradeServer(options: GradeOptions): Promise<Result> {
  const { assignment, onCheck } = options;
  const checks: CheckResult[] = [];
  let hopeless: CheckOutcome | undefined;
  for (const [i, planned] of assignment.checks.entries()) {
    let outcome = hopeless ?? (await play(options.command, planned, assignment, options.stopped));
    // A server that did not even start the first time would make everybody wait again for each check.
    const others = assignment.checks.length - 1;
    if (i === 0 && outcome.neverListened && others > 0) {
      const reasons = ['The server never listened: the first check says more.'];
      hopeless = { ...outcome, reasons, printed: [], seconds: 0, asFirst: true };
      outcome = { ...outcome, reasons: [...outcome.reasons, soFailsThe(others)] };
    }
    const recording = await recordingOf(planned, i + 1, outcome, options);
    const result = { ...resultOf(planned, outcome), ...recording };
    checks.push(result);
    onCheck(result);
  }
  return { title: assignment.title, checks };
}

const soFailsThe = (others: number): string =>
  `Without a server that listens, ${others === 1 ? 'the other check fails' : `the other ${others} checks fail`} too.`;

async function recordingOf(
  planned: PlannedCheck,
  number: number,
  { status, neverListened }: CheckOutcome,
  { command, assignment, recordIn, stopped }: GradeOptions,
) {
  const isWorth = status === 'failed' && !neverListened && !planned.hidden && !stopped.aborted;
  if (recordIn === undefined || !isWorth) return {};
  return record(command, planned, number, assignment, recordIn, stopped);
}

function resultOf(
  planned: PlannedCheck,
  { neverListened: _, failedAt: __, ...outcome }: CheckOutcome,
): CheckResult {
  const { check, name, hidden } = planned;
  const isPart = outcome.status !== 'skipped';
  return {
    ...outcome,
    name,
    title: check.title,
    hidden,
    points: outcome.status === 'passed' ? planned.points : 0,
    most: isPart ? planned.points : 0,
  };
}
