// What a thread of a server works with: the options, the shared memory, the kernel, and who reports what happens.
// Every model's threads begin here, in a worker thread of their own.

import { createHandler, type Handler } from '../http/handler.js';
import { openMemory } from '../lifecycle/mapped-memory.js';
import { Reporter } from '../lifecycle/reporter.js';
import type { ServerMemory, ServerMemorySize, ThreadMemory } from '../lifecycle/server-memory.js';
import { traced } from '../posix/strace.js';
import {
  gettid,
  nameThread,
  type SystemCalls,
  systemCalls,
  threadCpuMs,
  threadSleeps,
} from '../posix/system-calls.js';
import { Calls } from './calls.js';
import type { ServeOptions } from './options.js';
import { Pacer } from './pace.js';

/** What a worker thread is started with; it must survive the structured clone. */
export interface ThreadData {
  readonly options: ServeOptions;
  readonly memory: ServerMemorySize;
  readonly shared: number;
  readonly name: string;
  /** When it was asked for, on the common clock. */
  readonly startedAt: number;
}

/** What the steps of a conversation need of their thread, whatever it is built on. */
export interface ServingThread {
  readonly name: string;
  readonly tid: number;
  readonly options: ServeOptions;
  readonly memory: ServerMemory;
  readonly handle: Handler;
  readonly report: Reporter;
  /** The thread's CPU time, in milliseconds. */
  readonly cpuMs: () => number;
}

export interface ServerThread extends ServingThread {
  readonly shared: ThreadMemory;
  readonly sys: SystemCalls;
  readonly pacer: Pacer | undefined;
  /** The calls that this thread makes. `flags`: SOCK_NONBLOCK, or 0 if they sleep. */
  readonly calls: (flags: number) => Calls;
}

export type CallsClass = new (thread: ServerThread, flags: number) => Calls;

/** Our own calls, or the faulty ones of `serve --mystery`. */
export async function callsFor({ options: { hiddenFault } }: ThreadData): Promise<CallsClass> {
  return hiddenFault === undefined ? Calls : (await import(hiddenFault.module)).callsWith(hiddenFault);
}

export function beginThread(
  { options, memory: size, shared: index, name }: ThreadData,
  CallsOfThread: CallsClass = Calls,
): ServerThread {
  nameThread(name);
  const tid = gettid();
  const memory = openMemory(size);
  const shared = memory.ofThread(index);
  shared.tid = tid;
  memory.threadStarted();
  const report = new Reporter(memory, shared, options.detail, threadSleeps);
  const sys =
    options.detail === 'calls'
      ? traced(systemCalls, (call, fd, args, result, errno) => report.call(call, fd, args, result, errno))
      : systemCalls;
  const handle = createHandler({ keepAlive: options.keepAlive, ...options.limits });
  const isPaced = options.pace !== undefined || options.steered !== undefined;
  const pacer = isPaced ? new Pacer(options.pace, memory, shared, report) : undefined;
  const cpuMs = threadCpuMs;
  const calls = (flags: number): Calls => new CallsOfThread(thread, flags);
  const thread = { name, tid, options, memory, handle, report, cpuMs, shared, sys, pacer, calls };
  return thread;
}
