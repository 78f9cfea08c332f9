// What the kernel says of the processes in a terminal (proc(5)).

import { processIds, readProc } from '../posix/proc.js';

/** The process groups of a session: of the shell whose pid it has, and of what runs in it. */
export function sessionGroups(session: number): number[] {
  const groups = new Set<number>();
  for (const pid of processIds()) {
    const [, , group, itsSession] = statOf(pid);
    if (itsSession === session && group !== undefined) groups.add(group);
  }
  return [...groups];
}

/** From the state on: state, parent, group, session. The name before them may hold blanks and brackets itself. */
function statOf(pid: number): number[] {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(0, 4)
    .map(Number);
}
