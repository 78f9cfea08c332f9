// What the kernel says a process costs, from /proc (proc(5)): CPU time, memory, threads.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICK_US = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A process and all that descend from it. */
function tree(/** @type {number} */ pid) {
  /** @type {number[]} */
  const found = [pid];
  for (const each of found) {
    for (const task of readdirSync(`/proc/${each}/task`)) {
      const children = read(`/proc/${each}/task/${task}/children`).trim();
      if (children !== '') found.push(...children.split(' ').map(Number));
    }
  }
  return found;
}

/** User and system time of the whole tree, threads that have ended included, in microseconds. */
export function cpuUs(/** @type {number} */ pid) {
  return sum(tree(pid).map((each) => statCpuUs(`/proc/${each}/stat`)));
}

/** The CPU time of those threads of a process whose name matches, in microseconds. */
export function threadCpuUs(/** @type {number} */ pid, /** @type {RegExp} */ name) {
  const tasks = readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
  return sum(tasks.filter((task) => name.test(read(`${task}/comm`).trim())).map(taskCpuUs));
}

/** schedstat counts nanoseconds, stat ticks of ten milliseconds; not every kernel has the first. */
function taskCpuUs(/** @type {string} */ task) {
  const ran = Number(read(`${task}/schedstat`).split(' ')[0]);
  return ran > 0 ? ran / 1e3 : statCpuUs(`${task}/stat`);
}

/** Fields 14 and 15, utime and stime; the name before them may hold blanks and brackets. */
function statCpuUs(/** @type {string} */ file) {
  const stat = read(file);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_US;
}

/** Proportional set size in bytes: what is shared with other processes is divided among them. */
export function pssBytes(/** @type {number} */ pid) {
  return sum(tree(pid).map((each) => kilobytes(`/proc/${each}/smaps_rollup`, 'Pss')));
}

export function rssBytes(/** @type {number} */ pid) {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Rss');
}

/** The most resident memory that a process and its children have had, in bytes. */
export function peakBytes(/** @type {number} */ pid) {
  return sum(tree(pid).map((each) => kilobytes(`/proc/${each}/status`, 'VmHWM')));
}

/** What belongs to this process alone and to no file: heaps and stacks. Unlike PSS it does not change with others. */
export function anonymousBytes(/** @type {number} */ pid) {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Anonymous');
}

function kilobytes(/** @type {string} */ file, /** @type {string} */ field) {
  return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(read(file))?.[1] ?? 0) * 1024;
}

export function threadCount(/** @type {number} */ pid) {
  return sum(tree(pid).map((each) => readdirSync(`/proc/${each}/task`).length));
}

/** Of these vm.max_map_count allows a process so many. */
export function mapCount(/** @type {number} */ pid) {
  return read(`/proc/${pid}/maps`).split('\n').length - 1;
}

/** How many descriptors a process may have open, once it has raised its own limit as Node does. */
export function mostDescriptors() {
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(read('/proc/self/limits'))?.[1] ?? 1024);
}

function read(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended a moment ago
  }
}

const sum = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => a + b, 0);
