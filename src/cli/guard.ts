// `watch` and `grade` leave nothing behind: not what has left its group or session, and not where they are killed.

import { endDescendants } from '../posix/descendants.js';
import { guardThisProcess } from '../posix/guard.js';
import { adoptOrphans } from '../posix/system-calls.js';
import { leave } from './leave.js';

/** Does the work, which starts programs, and ends all that is left of them. Gives the exit status. */
export async function guarded(work: () => Promise<number>): Promise<number> {
  adoptOrphans();
  const guard = guardThisProcess();
  try {
    return await work();
  } finally {
    await endDescendants();
    guard.dismiss();
  }
}

/** For the second Ctrl-C. */
export async function leaveWithAll(status: number): Promise<void> {
  await endDescendants();
  await leave(status);
}
