// What the kernel allows this process: descriptors, and threads.
// Read from /proc and the files of its control group. Other systems have neither, and then nothing is known.

import { dirname } from 'node:path';
import { readProc } from './proc.js';

export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** RLIMIT_NOFILE, descriptors, or RLIMIT_NPROC, threads of this user; Infinity is no limit (getrlimit(2), proc(5)). */
export function limitOf(
  name: 'Max open files' | 'Max processes',
  limits = readProc('/proc/self/limits'),
): Limit | undefined {
  const [soft, hard] = (new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(limits) ?? []).slice(1).map(number);
  return soft === undefined || hard === undefined ? undefined : { soft, hard };
}

/**
 * How many more threads and processes this process's control group may have: the least that pids.max leaves in its own
 * group and in those above it (cgroups(7)). Infinity if nothing limits them.
 */
export function threadsLeftInCgroup(readFile: (file: string) => string = readProc): number {
  const groups = readFile('/proc/self/cgroup').split('\n').flatMap(foldersOf);
  return Math.min(
    ...groups.map((folder) => {
      const most = readFile(`${folder}/pids.max`).trim();
      return most === ''
        ? Number.POSITIVE_INFINITY
        : number(most) - Number(readFile(`${folder}/pids.current`));
    }),
    Number.POSITIVE_INFINITY,
  );
}

/** A line of /proc/self/cgroup is `0::/path` in version 2 and `8:pids:/path` in version 1. */
function foldersOf(line: string): string[] {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (path === undefined || (controllers !== '' && controllers !== 'pids')) return [];
  const root = controllers === '' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
  const folders = [root];
  // In a container the path may be the one outside of it: then only the topmost group can be read.
  for (let at = path; at !== '/'; at = dirname(at)) folders.push(root + at);
  return folders;
}

const number = (text: string): number =>
  text === 'unlimited' || text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
