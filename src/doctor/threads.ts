// Threads: starts one and finds it in the kernel's list; how many the blocking server may have by default, and why.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import {
  type Bound,
  defaultMaxThreads,
  type ThreadLimits,
  thisMachine,
  threadBounds,
} from '../models/blocking/max-threads.js';
import { procUnavailable } from '../posix/platform.js';
import { duration } from '../terminal/quantities.js';
import { type Finding, failing, type MachineCheck, ok, PATIENCE_MS, problemOf, warning } from './finding.js';

const PROBE_NAME = 'doctor';
const PROBE = new URL('./probe-thread.js', import.meta.url);

export const thread: MachineCheck = async () => (procUnavailable() === undefined ? [await startOne()] : []);

async function startOne(): Promise<Finding> {
  let worker: Worker | undefined;
  try {
    const askedAt = performance.now();
    worker = new Worker(PROBE, { workerData: PROBE_NAME });
    const [tid] = await once(worker, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    const took = duration((performance.now() - askedAt) * 1000);
    const name = readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim();
    if (name !== PROBE_NAME)
      throw new Error(`the kernel lists thread ${tid} as ${name}, not as ${PROBE_NAME}`);
    return ok('thread', `one started in ${took}; the kernel lists it as ${PROBE_NAME}, tid ${tid}`);
  } catch (error) {
    const advice = 'use --mode evented, which needs only one thread; see engine and threads';
    return failing('thread', `none could be started: ${problemOf(error)}`, advice);
  } finally {
    await worker?.terminate();
  }
}

/** A class of this size. */
const FEW_THREADS = 32;

const BOUNDS: Record<Bound['by'], readonly [what: string, remedy: string]> = {
  enough: ['the most on any machine', ''],
  memory: ['a quarter of the memory at 8 MiB each', 'give this machine more memory'],
  'vm.max_map_count': ['half of vm.max_map_count at 48 each', 'raise it: sysctl vm.max_map_count=65530'],
  'pids.max': [
    "half of what this control group's pids.max leaves",
    'raise it: docker run --pids-limit, or TasksMax= in systemd',
  ],
  'ulimit -u': ['half of ulimit -u', 'raise it with ulimit -u'],
};

export const maxThreads: MachineCheck = async () =>
  procUnavailable() === undefined ? [explainThreads(thisMachine())] : [];

export function explainThreads(machine: ThreadLimits): Finding {
  const bounds = threadBounds(machine).toSorted((a, b) => a.most - b.most);
  const least = bounds[0]!;
  const others = bounds.filter(({ by, most }) => by !== 'enough' && by !== least.by && most !== Infinity);
  const [what, remedy] = BOUNDS[least.by];
  const most = defaultMaxThreads(machine);
  const found =
    `--max-threads is ${most} by default, ${what}` +
    others.map((bound, index) => `${index === 0 ? '; ' : ', '}${bound.by} allows ${bound.most}`).join('');
  if (most >= FEW_THREADS) return ok('threads', found);
  return warning(
    'threads',
    found,
    `--mode blocking serves ${most === 1 ? 'one client' : `${most} clients`} at once, and the others wait; ${remedy}`,
  );
}
