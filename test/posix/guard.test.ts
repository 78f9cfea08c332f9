// What a guard ends, and what it must never end: whatever else runs in the session of the program, such as the user's shell.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { readProc, statFields } from '../../src/posix/proc.js';
import { spawn } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';

const PROGRAM = `
import { spawn } from '${new URL('../support/cleanup.js', import.meta.url)}';
import { guards, guardSession, guardThisProcess } from '${new URL('../../src/posix/guard.js', import.meta.url)}';
guardThisProcess();
guardSession(process.pid); // detached, so it leads the session
const sleeper = (env) => spawn('sleep', ['600'], { stdio: 'ignore', env: { ...env, PATH: process.env.PATH } }).pid;
console.log([...guards, sleeper(process.env), sleeper({})].join());
`;

/** A zombie does not run. */
const runs = (pid = 0): boolean => !['', 'Z'].includes(statFields(readProc(`/proc/${pid}/stat`))[0]!);

it('ends what has its mark, and not what else is in our own session', LIMIT, async (t) => {
  const program = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => process.kill(-program.pid!, 'SIGKILL')); // all that it has started, except the guard
  const [line] = (await once(program.stdout!, 'data')) as [Buffer];
  const [guard, marked, stranger] = line.toString().split(',').map(Number);
  program.kill('SIGKILL');
  while (runs(guard)) await new Promise(setImmediate);
  assert.deepEqual([runs(marked), runs(stranger)], [false, true]);
});
