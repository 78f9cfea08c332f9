// Memory that several processes can map, and the sleep on a word of it: memfd_create(2), futex(2).
// Within one process a SharedArrayBuffer and Atomics do the same; Atomics.wait takes no other memory.

import koffi from 'koffi';
import { SystemCallError } from './errors.js';
import { systemCalls } from './system-calls.js';

const libc = koffi.load(null);
const memfd_create = libc.func('int memfd_create(const char *name, uint flags)');
const ftruncate = libc.func('int ftruncate(int fd, int64 length)');
const syscall = libc.func(
  'long syscall(long number, void *word, int operation, uint value, const void *timeout)',
);

const MFD_CLOEXEC = 1;

/** By CPU, as platform.ts names them (syscall(2)). */
const SYS_FUTEX = process.arch === 'x64' ? 202 : 98;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const EVERYBODY = 0x7fff_ffff;

/** A descriptor of so many bytes, all 0, that belong to no file. Throws a SystemCallError. */
export function createMemory(bytes: number): number {
  const fd = memfd_create('evented-demo', MFD_CLOEXEC);
  if (fd < 0) throw new SystemCallError('memfd_create', systemCalls.errno());
  if (ftruncate(fd, bytes) < 0) throw new SystemCallError('ftruncate', systemCalls.errno());
  return fd;
}

/** Atomics.wait and Atomics.notify, for memory that processes share. */
export const FUTEX = {
  /** Sleeps while the word is `value`, and no longer than so many milliseconds. */
  wait(words: Int32Array, index: number, value: number, milliseconds = Number.POSITIVE_INFINITY): void {
    const nanoseconds = Number.isFinite(milliseconds) ? BigInt(Math.ceil(milliseconds * 1e6)) : undefined;
    const timeout =
      nanoseconds === undefined
        ? null
        : BigInt64Array.of(nanoseconds / 1_000_000_000n, nanoseconds % 1_000_000_000n);
    syscall(SYS_FUTEX, words.subarray(index), FUTEX_WAIT, value, timeout);
  },
  notify(words: Int32Array, index: number): void {
    syscall(SYS_FUTEX, words.subarray(index), FUTEX_WAKE, EVERYBODY, null);
  },
};
