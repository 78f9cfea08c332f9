// One thread is started, names itself by a system call, and is looked up in the kernel's own list of threads.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { procUnavailable } from '../posix/platform.js';
import { duration } from '../terminal/quantities.js';
import { type Check, type Finding, failing, ok, PATIENCE_MS, problemOf } from './finding.js';

const NAME = 'doctor';
const PROBE = new URL('./probe-thread.js', import.meta.url);

export const thread: Check = async () => (procUnavailable() === undefined ? [await startOne()] : []);

async function startOne(): Promise<Finding> {
  let worker: Worker | undefined;
  try {
    const askedAt = performance.now();
    worker = new Worker(PROBE, { workerData: NAME });
    const [tid] = await once(worker, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    const took = duration((performance.now() - askedAt) * 1000);
    const name = readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim();
    if (name !== NAME) throw new Error(`the kernel lists thread ${tid} as ${name}, not as ${NAME}`);
    return ok('thread', `one started in ${took}; the kernel lists it as ${NAME}, tid ${tid}`);
  } catch (error) {
    const advice = 'use --mode evented, which needs one thread; see the lines on the engine and on threads';
    return failing('thread', `none could be started: ${problemOf(error)}`, advice);
  } finally {
    await worker?.terminate();
  }
}
