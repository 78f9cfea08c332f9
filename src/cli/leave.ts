// The end of a process that something would hold: a write that nobody takes, or threads that take long to go.

/** Ends the process at once (_exit(2)); where the system calls can't be had, in Node's own way. */
export async function leave(status: number): Promise<void> {
  try {
    const { exitNow } = await import('../posix/system-calls.js');
    exitNow(status);
  } catch {
    process.exit(status);
  }
}
