// How many connection threads the blocking server runs by default, and what it is that allows no more.

import {
  type Bound,
  defaultMaxThreads,
  type ThreadLimits,
  thisMachine,
  threadBounds,
} from '../models/blocking/max-threads.js';
import { procUnavailable } from '../posix/platform.js';
import { type Check, type Finding, ok, warning } from './finding.js';

/** A class. */
const FEW = 32;

const WORDS: Record<Bound['by'], string> = {
  enough: 'its most on any machine',
  memory: 'a quarter of the memory at 8 MiB each',
  'vm.max_map_count': 'half of vm.max_map_count at 48 each',
  'pids.max': "half of what this control group's pids.max leaves",
  'ulimit -u': 'half of ulimit -u',
};

const REMEDY: Record<Bound['by'], string> = {
  enough: '',
  memory: 'give this machine more memory',
  'vm.max_map_count': 'raise it: sysctl vm.max_map_count=65530',
  'pids.max': 'raise it: docker run --pids-limit, or TasksMax= in systemd',
  'ulimit -u': 'raise it with ulimit -u',
};

export const maxThreads: Check = async () =>
  procUnavailable() === undefined ? [explain(thisMachine())] : [];

export function explain(machine: ThreadLimits): Finding {
  const bounds = threadBounds(machine).toSorted((a, b) => a.most - b.most);
  const least = bounds[0]!;
  const others = bounds.filter(({ by, most }) => by !== 'enough' && by !== least.by && most !== Infinity);
  const most = defaultMaxThreads(machine);
  const found =
    `--max-threads is ${most} by default, ${WORDS[least.by]}` +
    others.map((bound, index) => `${index === 0 ? '; ' : ', '}${bound.by} allows ${bound.most}`).join('');
  if (most >= FEW) return ok('threads', found);
  return warning(
    'threads',
    found,
    `in --mode blocking ${most === 1 ? 'one client is' : `${most} clients are`} served at once, the others wait; ${REMEDY[least.by]}`,
  );
}
