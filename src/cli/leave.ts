// Ends a process that something would keep alive: a write that nobody reads, or threads that are slow to end.

/** Ends the process at once (_exit(2)), or in Node's own way where there are no system calls. */
export async function leave(status: number): Promise<void> {
  try {
    const { exitNow } = await import('../posix/system-calls.js');
    exitNow(status);
  } catch {
    process.exit(status);
  }
}
