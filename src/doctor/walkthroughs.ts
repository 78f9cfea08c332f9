// What every walkthrough needs besides bash: a folder whose programs can run, and a folder for the student's progress.
// Both are tried as a walkthrough uses them (walkthrough/step-terminals.ts and progress.ts). The check leaves nothing behind.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { procUnavailable } from '../posix/platform.js';
import {
  type Asked,
  type Finding,
  failing,
  type MachineCheck,
  ok,
  PATIENCE_MS,
  problemOf,
  warning,
} from './finding.js';

const CHECK = 'walkthroughs';
const OTHER_FOLDER = 'set TMPDIR to a writable folder that is not mounted noexec';
const OTHER_STATE = 'everything else works; to keep it, set XDG_STATE_HOME to a writable folder';

export const walkthroughs: MachineCheck = async ({ stateFolder }) => {
  const missing = procUnavailable();
  if (missing !== undefined)
    return [
      failing(CHECK, `no walkthrough can run: it ${missing}`, 'read them in docs/walkthroughs, or use Linux'),
    ];
  const folder = tmpdir();
  const problem = await tryPrograms(folder);
  if (problem !== undefined)
    return [failing(CHECK, `no walkthrough can run: ${problem} in ${folder}`, OTHER_FOLDER)];
  return [tryState(folder, stateFolder)];
};

/** As a walkthrough does: a script in a new folder. */
async function tryPrograms(parent: string): Promise<string | undefined> {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(parent, 'evented-demo-'));
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o700 });
    await promisify(execFile)(program, { timeout: PATIENCE_MS });
    return undefined;
  } catch (error) {
    return folder === undefined
      ? `making a folder failed with ${problemOf(error)}`
      : `a program failed with ${problemOf(error)}`;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function tryState(folder: string, stateFolder: Asked['stateFolder']): Finding {
  const runs = `programs can run in ${folder}`;
  if (stateFolder === undefined)
    return warning(CHECK, `${runs}; progress cannot be kept: there is no home folder`, OTHER_STATE);
  try {
    const draft = mkdtempSync(join(whereItWouldBe(stateFolder), '.evented-demo-'));
    rmdirSync(draft);
    return ok(CHECK, `${runs}; progress is kept in ${stateFolder}`);
  } catch (error) {
    return warning(CHECK, `${runs}; progress cannot be kept: ${problemOf(error)}`, OTHER_STATE);
  }
}

/** The folder, or the nearest one above it that exists. The first walkthrough makes the rest; the doctor makes nothing. */
function whereItWouldBe(folder: string): string {
  return existsSync(folder) ? folder : whereItWouldBe(dirname(folder));
}
