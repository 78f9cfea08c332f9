// Measures the loop's own pollers, without a server and without clients: many descriptors, of which one is always ready.
// A process of its own, for select(2) takes low descriptors only. It prints a line for each cell, as JSON.

import { Reporter } from '../../lifecycle/reporter.js';
import { ServerMemory } from '../../lifecycle/server-memory.js';
import { Calls } from '../../models/calls.js';
import { POLLER_CLASSES as CONSTRUCTORS } from '../../models/loop/loop.js';
import { READABLE } from '../../models/loop/pollers/poller.js';
import { POLLERS, type PollerName } from '../../models/options.js';
import { EFD_CLOEXEC, SOCK_NONBLOCK } from '../../posix/constants.js';
import { SystemCallError } from '../../posix/errors.js';
import { systemCalls, threadCpuMs } from '../../posix/system-calls.js';
import { type PollerCell, WAITS } from './result.js';

/** A cell ends after so much CPU time, in milliseconds, or so many waits. */
const ENOUGH_MS = 150;
const BATCH = 20;
/** V8 compiles what is run often. */
const WARM_UP_MS = 50;

const memory = ServerMemory.allocate(1);
const report = new Reporter(memory, memory.ofThread(0), 'none');
const options = { mode: 'evented' } as const;
const calls = new Calls({ sys: systemCalls, report, memory, options, pacer: undefined }, SOCK_NONBLOCK);

/** In the order in which they are opened, so that the first ones are the lowest. */
const fds: number[] = [];
for (const descriptors of process.argv.slice(2).map(Number)) {
  while (fds.length < descriptors) fds.push(eventfd(0));
  for (const name of POLLERS) process.stdout.write(`${JSON.stringify(cell(name, descriptors))}\n`);
}

function cell(name: PollerName, descriptors: number): PollerCell {
  const poller = new CONSTRUCTORS[name](calls);
  if (fds[descriptors - 1]! >= poller.limit) return { poller: name, descriptors };
  const ready = descriptors >> 1;
  makeReady(fds[ready]!, true);
  for (let i = 0; i < descriptors; i++) poller.add({ id: i + 1, fd: fds[i]! }, READABLE);
  wait(WARM_UP_MS);
  const { waits, cpuMs } = wait(ENOUGH_MS);
  makeReady(fds[ready]!, false);
  return { poller: name, descriptors, waits, cpuUsPerWait: (cpuMs * 1e3) / waits };

  function wait(enoughMs: number): { waits: number; cpuMs: number } {
    const began = threadCpuMs();
    for (let waits = 0; ; ) {
      for (let i = 0; i < BATCH; i++) poller.wait(-1);
      waits += BATCH;
      const cpuMs = threadCpuMs() - began;
      if (cpuMs >= enoughMs || waits >= WAITS) return { waits, cpuMs };
    }
  }
}

function eventfd(count: number): number {
  const fd = systemCalls.eventfd(count, EFD_CLOEXEC);
  if (fd < 0) throw new SystemCallError('eventfd', systemCalls.errno());
  return fd;
}

/** It is ready as long as its count is above 0 (eventfd(2)). */
function makeReady(fd: number, yes: boolean): void {
  const one = new BigUint64Array([1n]);
  if (yes) systemCalls.write(fd, one, 8);
  else systemCalls.read(fd, one, 8);
}
