// What a server has at one moment: descriptors, threads, and children that ended and that it has not waited for (proc(5)).

import { descendants } from '../posix/descendants.js';
import { listProc } from '../posix/proc.js';
import { NotRun } from './failure.js';

export interface Belongings {
  readonly descriptors: number;
  readonly threads: number;
  readonly zombies: number;
}

/** Of all its processes together. Throws a NotRun where they may not be looked into. */
export function belongingsOf(pids: readonly number[]): Belongings {
  const denied = (): void => {
    throw new NotRun('The descriptors of the server cannot be read: it runs as another user.');
  };
  const entries = (folder: string): number =>
    pids.reduce((sum, pid) => sum + listProc(`/proc/${pid}/${folder}`, denied).length, 0);
  const zombies = descendants().filter(({ isZombie, parent }) => isZombie && pids.includes(parent));
  return { descriptors: entries('fd'), threads: entries('task'), zombies: zombies.length };
}
