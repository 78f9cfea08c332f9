// The memory of a server whose threads are in several processes: the same words, behind a descriptor that each maps.
// On the system calls, so nothing that runs without them may load it.

import { createMemory, FUTEX, mapMemory } from '../posix/shared-memory.js';
import { ServerMemory, type ServerMemorySize } from './server-memory.js';

export function allocateMapped(threads: number, loops = 1): ServerMemory {
  const fd = createMemory(ServerMemory.bytesFor(threads, loops));
  return openMemory({ memory: { fd }, threads, loops });
}

/** Either kind, in a thread or a process that was told of it. */
export function openMemory(size: ServerMemorySize): ServerMemory {
  const { memory, threads, loops } = size;
  if (!('fd' in memory)) return new ServerMemory(size);
  const buffer = mapMemory(memory.fd, ServerMemory.bytesFor(threads, loops));
  return new ServerMemory(size, { buffer, futex: FUTEX });
}
