// Ends what a test has left behind: a test that fails or is out of time does not reach its own last lines, and a process or
// a socket that stays keeps the whole file from ending.

import './environment.js';
import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const left = new Set<() => void>();

/** The soak is not run by the test runner, and has no tests that end. */
if (process.argv[1]?.endsWith('.test.js'))
  after(() => {
    for (const end of left) end();
  });

/** `end` is called when the tests of this file are over, unless the function that this returns was called before. */
export function whenTestsEnd(end: () => void): () => void {
  left.add(end);
  return () => left.delete(end);
}

/** As node:child_process has it; what still runs when the tests of this file are over is killed. */
export const spawn = ((...args: Parameters<typeof spawnProcess>): ChildProcess => {
  const child = spawnProcess(...args);
  const isOver = whenTestsEnd(() => {
    child.kill('SIGKILL');
    for (const pipe of child.stdio) pipe?.destroy(); // which a child of the child may still have open
  });
  child.once('close', isOver);
  return child;
}) as typeof spawnProcess;

/** A new folder, removed when the tests of this file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evented-demo-'));
  whenTestsEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
