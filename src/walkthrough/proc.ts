// What the kernel says of the processes in a terminal (proc(5)).

import { processIds, readProc, statFields } from '../posix/proc.js';

export interface ProcessGroup {
  readonly id: number;
  /** When the first that is left of it was started, in clock ticks since the machine was. */
  readonly startedAt: number;
}

/** The process groups of a session: of the shell whose pid it has, and of what runs in it. */
export function sessionGroups(session: number): ProcessGroup[] {
  const groups = new Map<number, ProcessGroup>();
  for (const pid of processIds()) {
    const { group, session: own, startedAt } = statOf(pid);
    if (own !== session) continue;
    const first = Math.min(startedAt, groups.get(group)?.startedAt ?? startedAt);
    groups.set(group, { id: group, startedAt: first });
  }
  return [...groups.values()];
}

/**
 * The process group that the shell waits for: without a terminal the kernel names none. A shell starts its commands one
 * after the other, so it is the youngest. One that runs itself waits for nobody.
 */
export function foregroundGroup(shell: number): number | undefined {
  if (statOf(shell).state !== 'S') return undefined;
  const groups = sessionGroups(shell).filter(({ id }) => id !== shell);
  // Within a tick the later one has the higher pid.
  return groups.toSorted((a, b) => a.startedAt - b.startedAt || a.id - b.id).at(-1)?.id;
}

function statOf(pid: number): { state: string; group: number; session: number; startedAt: number } {
  const fields = statFields(readProc(`/proc/${pid}/stat`));
  return {
    state: fields[0] ?? '',
    group: Number(fields[2]),
    session: Number(fields[3]),
    startedAt: Number(fields[19]),
  };
}
