// The memory of a server whose threads are in several processes: the same words, behind a descriptor that each maps.
// On the system calls, so nothing that runs without them may load it.

import { createMemory, FUTEX } from '../posix/shared-memory.js';
import { mapMemory } from '../posix/system-calls.js';
import { ServerMemory, type ServerMemorySize } from './server-memory.js';

export function allocateMapped(threads: number, accepting = 1): ServerMemory {
  const fd = createMemory(ServerMemory.bytesFor(threads, accepting));
  return openMemory({ memory: { fd }, threads, accepting });
}

/** Either kind of memory, in another thread or process of the server. */
export function openMemory(size: ServerMemorySize): ServerMemory {
  const { memory, threads, accepting } = size;
  if (!('fd' in memory)) return new ServerMemory(size);
  const { buffer } = mapMemory(ServerMemory.bytesFor(threads, accepting), memory.fd);
  return new ServerMemory(size, { buffer, futex: FUTEX });
}
