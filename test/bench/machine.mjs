// What the benchmark runs on: said above every table, for a figure means nothing without it.
// Also which CPUs may be used, and which tools are there.

import { accessSync, constants, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { delimiter, join } from 'node:path';

/** The full name of a program on the PATH, or undefined. */
export function find(/** @type {string} */ program) {
  // Debian keeps servers such as nginx where the PATH of an ordinary user does not lead.
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    try {
      const file = join(folder, program);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this one
    }
  }
  return undefined;
}

/** The CPUs that this process may use (proc(5), Cpus_allowed_list: `0-3,8`). */
function allowedCpus() {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const taskset = find('taskset');
const allowed = process.platform === 'linux' ? allowedCpus() : [];
const pinned = taskset !== undefined && allowed.length > 1;

/** Where the server runs and where its load does; undefined where they can't be kept apart. */
export const SERVER_CPU = pinned ? allowed[0] : undefined;
export const LOAD_CPU = pinned ? allowed[1] : undefined;

/** The command that runs `command` on one CPU. taskset gives way to it, so the pid is the command's own. */
export function on(/** @type {number | undefined} */ cpu, /** @type {string[]} */ command) {
  return cpu === undefined || taskset === undefined ? command : [taskset, '-c', String(cpu), ...command];
}

export function introduce(/** @type {string} */ part) {
  if (process.platform !== 'linux') {
    throw new Error(
      `A bench needs Linux, whose /proc says what a process costs. This is ${process.platform}.`,
    );
  }
  const date = new Date().toISOString().slice(0, 10);
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  console.log(`evented-demo, bench ${part}, ${date}`);
  console.log(
    `${model}, ${availableParallelism()} CPUs; Linux ${release()} ${process.arch}; Node ${process.version}`,
  );
}
