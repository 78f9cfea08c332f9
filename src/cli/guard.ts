// `watch` and `grade` run in two processes, each of which ends what the other leaves behind when it is killed: so no program
// that they start outlives them, whatever it does, and whatever ends them, SIGKILL included.

import { spawn } from 'node:child_process';
import { endDescendants } from '../posix/descendants.js';
import { adoptOrphans } from '../posix/system-calls.js';
import { FAILED } from './errors.js';
import { leave } from './leave.js';
import { printError } from './print-error.js';

/** In the environment of the second process. */
const GUARDED = 'EVENTED_DEMO_GUARDED';

/** What a terminal or a user sends to the first process alone. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGWINCH'] as const;

/** Does the work in the second process, and gives the exit status in both. */
export async function guarded(work: () => Promise<number>): Promise<number> {
  adoptOrphans();
  if (process.env[GUARDED] === undefined) return runAgain();
  delete process.env[GUARDED]; // what it starts does not see the mark
  if (!process.connected) return FAILED; // the first one was killed before this line
  process.once('disconnect', async () => {
    process.emit('SIGTERM', 'SIGTERM'); // nothing further is begun
    await endDescendants();
    await leave(FAILED);
  });
  process.channel?.unref();
  return work();
}

/** Detached: a signal to the whole group of the first process, which may be SIGKILL, leaves the second one alive. */
async function runAgain(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [GUARDED]: '1' },
    detached: true,
  });
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
  // Ctrl-Z reaches the first process alone. The second and what it started stop and go on with it.
  const tellAll = (signal: 'SIGSTOP' | 'SIGCONT') =>
    child.pid !== undefined && process.kill(-child.pid, signal);
  process.on('SIGTSTP', () => {
    tellAll('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  process.on('SIGCONT', () => tellAll('SIGCONT'));
  child.on('message', (sentence: object) => process.send?.(sentence, undefined, undefined, () => {}));
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject).once('exit', (...how) => resolve(how));
  });
  await endDescendants();
  if (signal !== null) printError(`Ended by ${signal}, with everything that it had started.`);
  return status ?? FAILED;
}
