// The file of `--report`: looked at before the run, so that nobody waits for a page that can't be written.
// What is there already is only overwritten where it is an earlier report.

import { accessSync, closeSync, constants, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cannotWrite } from '../../posix/shortage.js';
import { REPORT_MARK } from './report.js';

/** Why a report can't be written there, as a sentence; undefined where it can. */
export function checkReportPath(file: string): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) return `--report needs a file, and ${file} is a folder. Name a file in it.`;
    if (found?.isFile() && found.size > 0 && !isReport(file))
      return `${file} exists already and is no report. --report overwrites nothing else. Choose another name, or move it away.`;
    accessSync(found === undefined ? dirname(file) : file, constants.W_OK);
    return undefined;
  } catch (error) {
    return cannotWrite(file, error);
  }
}

/** Why it could not be written after all, as a sentence. */
export function writeReport(file: string, page: string): string | undefined {
  const wrong = checkReportPath(file);
  if (wrong !== undefined) return wrong;
  try {
    writeFileSync(file, page);
    return undefined;
  } catch (error) {
    return cannotWrite(file, error);
  }
}

/** A report says what it is in its first lines. */
function isReport(file: string): boolean {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(256);
    return head.toString('latin1', 0, readSync(fd, head)).includes(REPORT_MARK);
  } finally {
    closeSync(fd);
  }
}
