// `grade` runs in two processes, each of which ends what the other leaves behind when it is killed: so a student's program
// does not outlive its grading, whatever ends that, SIGKILL included.

import { spawn } from 'node:child_process';
import { endDescendants } from '../../grade/processes.js';
import { adoptOrphans } from '../../posix/system-calls.js';
import { FAILED } from '../errors.js';
import { leave } from '../leave.js';
import { printError } from '../print-error.js';

/** In the environment of the second process. */
const GUARDED = 'EVENTED_DEMO_GUARDED';

/** In the second process: this is the one that grades. What it starts does not see the mark. */
export function isGuarded(): boolean {
  const mark = process.env[GUARDED];
  delete process.env[GUARDED];
  if (mark === undefined || process.send === undefined) return false;
  process.once('disconnect', async () => {
    process.emit('SIGTERM', 'SIGTERM'); // no further check is begun
    await endDescendants();
    await leave(FAILED);
  });
  process.channel?.unref();
  return true;
}

/** In the first process: runs the same command once more, and gives its exit status. */
export async function guard(): Promise<number> {
  adoptOrphans();
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [GUARDED]: '1' },
  });
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, passOn);
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject).once('exit', (...how) => resolve(how));
  });
  await endDescendants();
  if (signal !== null) printError(`The grading was ended by ${signal}, and the server with it.`);
  return status ?? FAILED;
}
