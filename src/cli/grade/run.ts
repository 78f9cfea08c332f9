// Grades a server for the person at the keyboard, or for a course's machine: a line for each check, and the files.

import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { type Assignment, defaultAssignment, only, readAssignment } from '../../grade/assignment.js';
import { AssignmentProblem } from '../../grade/fields.js';
import { gradeServer } from '../../grade/grade.js';
import { junitXml } from '../../grade/junit.js';
import { checkLines, totalLine } from '../../grade/lines.js';
import { allPassed, type Result } from '../../grade/result.js';
import { resultsJson } from '../../grade/results-json.js';
import { colours } from '../../terminal/colours.js';
import { columnsOf, terminalSize } from '../../terminal/terminal.js';
import { reasonOf } from '../../walkthrough/regular-file.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { leaveWithAll } from '../guard.js';
import { printError } from '../print-error.js';
import { stopOnSignals } from '../signals.js';
import type { GradeFlags } from './flags.js';

const STDOUT = '-';
/** Where standard output is no terminal, and says nothing of its width. */
const USUAL_COLUMNS = 100;

/** Gives the exit status: 0 where every check was passed. */
export async function grade(command: readonly string[], flags: GradeFlags): Promise<number> {
  const assignment = assignmentOf(flags);
  if (flags.record !== undefined) makeFolder(flags.record);
  const files = [openFile(flags.json, resultsJson), openFile(flags.junit, junitXml)];
  const stopping = new AbortController();
  const release = stopOnSignals(
    () => stopping.abort(),
    () => leaveWithAll(FAILED),
  );
  const print = flags.json === STDOUT ? () => {} : (text: string) => process.stdout.write(text);
  const chalk = colours();
  const result = await gradeServer({
    command,
    assignment,
    recordIn: flags.record,
    stopped: stopping.signal,
    onCheck: (check) => print(checkLines(chalk, check, columns())),
  });
  release();
  print(totalLine(chalk, result));
  for (const write of files) write(result);
  if (stopping.signal.aborted) printError('Stopped before all checks were made.');
  return allPassed(result) ? 0 : FAILED;
}

const columns = (): number =>
  terminalSize(process.stdout)?.columns ?? columnsOf(process.env) ?? USUAL_COLUMNS;

function assignmentOf({ assignment, only: name }: GradeFlags): Assignment {
  try {
    const all = assignment === undefined ? defaultAssignment() : readAssignment(assignment);
    return name === undefined ? all : only(name, all);
  } catch (error) {
    if (error instanceof AssignmentProblem) throw new CliError(error.message, WRONG_USAGE);
    throw error;
  }
}

/** Opened before the run, so that nobody waits for a file that can't be written. Gives what writes it. */
function openFile(file: string | undefined, form: (result: Result) => string): (result: Result) => void {
  if (file === undefined) return () => {};
  if (file === STDOUT) return (result) => process.stdout.write(form(result));
  let fd: number;
  try {
    fd = openSync(file, 'w');
  } catch (error) {
    throw cannotWrite(file, error, WRONG_USAGE);
  }
  return (result) => {
    try {
      writeFileSync(fd, form(result));
      closeSync(fd);
    } catch (error) {
      throw cannotWrite(file, error);
    }
  };
}

/** New, or empty: an earlier recording is never overwritten. */
function makeFolder(folder: string): void {
  let entries: string[];
  try {
    mkdirSync(folder, { recursive: true });
    entries = readdirSync(folder);
  } catch (error) {
    throw cannotWrite(folder, error, WRONG_USAGE);
  }
  if (entries.length > 0)
    throw new CliError(
      `--record never overwrites a recording, and ${folder} is not empty. Name a new folder.`,
      WRONG_USAGE,
    );
}

/** Before the run it is wrong usage: status 1 would say that the server did not pass. */
function cannotWrite(file: string, error: unknown, status = FAILED): CliError {
  const isFolderMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = isFolderMissing ? 'its folder does not exist' : reasonOf(error);
  return new CliError(`Cannot write to ${file}: ${reason}. Name another one.`, status);
}
