// An assignment: which checks a server has to pass, with which limits, and for how many points. A teacher's JSON file.

import { closestMatch } from 'leven';
import { readRegularFile, reasonOf } from '../walkthrough/regular-file.js';
import type { Check } from './check.js';
import { CHECKS } from './checks.js';
import {
  AssignmentProblem,
  objectAt,
  readFields,
  shown,
  someNumber,
  text,
  type Values,
  yesOrNo,
} from './fields.js';
import { BIG, TASK, type Task } from './task.js';

/** Of every check, beside its own limits. */
const ANY_CHECK = {
  name: text(undefined, 60),
  points: someNumber(10, 0, 1000),
  hidden: yesOrNo(false),
};

export interface PlannedCheck extends Omit<Values<typeof ANY_CHECK>, 'name'> {
  readonly check: Check;
  /** What students see. */
  readonly name: string;
  readonly limits: Readonly<Record<string, number>>;
}

export interface Assignment extends Task {
  readonly checks: readonly PlannedCheck[];
}

const MOST_BYTES = 1024 * 1024;
const MOST_CHECKS = 100;

/** Throws an AssignmentProblem. */
export function readAssignment(file: string): Assignment {
  try {
    return assignmentOf(parsed(contentOf(file)));
  } catch (error) {
    if (!(error instanceof AssignmentProblem)) throw error;
    throw new AssignmentProblem(`The assignment ${file}: ${error.message}`);
  }
}

export const defaultAssignment = (): Assignment =>
  assignmentOf({ checks: CHECKS.map(({ name }) => ({ check: name })) });

/** With one of its checks alone. Throws an AssignmentProblem. */
export function only(name: string, assignment: Assignment): Assignment {
  const checks = assignment.checks.filter((each) => each.name === name);
  if (checks.length > 0) return { ...assignment, checks };
  const names = assignment.checks.map((each) => each.name);
  throw new AssignmentProblem(`There is no check ${shown(name)}. ${suggestion(name, names)}`);
}

/** For a teacher to start from: every field with its default. */
export function assignmentText(): string {
  const { checks, ...fields } = defaultAssignment();
  const plain = {
    ...fields,
    checks: checks.map(({ check, points, limits }) => ({ check: check.name, points, ...limits })),
  };
  return `${JSON.stringify(plain, null, 2).replace(/\{\n\s+"check"[^}]*\}/g, onOneLine)}\n`;
}

const onOneLine = (object: string): string => object.replace(/\s*\n\s*/g, ' ');

function contentOf(file: string): string {
  try {
    return readRegularFile(file, MOST_BYTES).toString('utf8');
  } catch (error) {
    throw new AssignmentProblem(`It cannot be read: ${reasonOf(error)}.`);
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    const position = Number(/at position (\d+)/.exec(String(error))?.[1] ?? content.length);
    const line = content.slice(0, position).split('\n').length;
    throw new AssignmentProblem(`It is not JSON. Look at line ${line}, or just before it.`);
  }
}

export function assignmentOf(given: unknown): Assignment {
  const all = objectAt(given, 'It');
  const fields = readFields(all, TASK, '', ['big', 'checks']);
  const big = all.big === undefined ? undefined : readFields(objectAt(all.big, '"big"'), BIG, ' of "big"');
  const { checks } = all;
  if (!Array.isArray(checks) || checks.length === 0 || checks.length > MOST_CHECKS)
    throw new AssignmentProblem(
      `"checks" cannot be ${shown(checks)}. Use a list of 1 to ${MOST_CHECKS} checks: [{ "check": "answers" }, ...].`,
    );
  const planned = checks.map((each, i) => plannedCheck(objectAt(each, `Check ${i + 1}`), i + 1));
  const twice = planned.find(({ name }, i) => planned.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined)
    throw new AssignmentProblem(
      `Two checks are named ${JSON.stringify(twice.name)}. Give one of them a "name" of its own.`,
    );
  return { ...fields, big, checks: planned };
}

function plannedCheck(given: Readonly<Record<string, unknown>>, number: number): PlannedCheck {
  const check = CHECKS.find(({ name }) => name === given.check);
  if (check === undefined) throw new AssignmentProblem(unknownCheck(given.check, number));
  const where = ` of the check "${check.name}"`;
  const { name, points, hidden } = readFields(given, ANY_CHECK, where, [
    'check',
    ...Object.keys(check.limits),
  ]);
  const others = ['check', ...Object.keys(ANY_CHECK)];
  const limits = readFields(given, check.limits, where, others) as Readonly<Record<string, number>>;
  return { check, name: name ?? check.name, points, hidden, limits };
}

function unknownCheck(name: unknown, number: number): string {
  const names = CHECKS.map((check) => check.name);
  if (name === undefined) return `Check ${number} has no "check". Use one of ${names.join(', ')}.`;
  return `Check ${number} cannot be ${shown(name)}. ${suggestion(name, names)}`;
}

function suggestion(name: unknown, names: readonly string[]): string {
  const near = typeof name === 'string' ? closestMatch(name, [...names], { maxDistance: 3 }) : undefined;
  return near === undefined ? `Use one of ${names.join(', ')}.` : `Did you mean "${near}"?`;
}
