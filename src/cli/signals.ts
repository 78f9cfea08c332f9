// Ctrl-C, for the commands that run until it is pressed; and the end of standard input, where it does the same.

/** One key press can reach the program twice: a parent such as npx passes the signal on. */
const SAME_KEY_PRESS_MS = 250;

/** The first Ctrl-C or SIGTERM stops in order, a second one ends the process at once. Returns what undoes this. */
export function stopOnSignals(stop: () => void, exitNow: (status: number) => void): () => void {
  let stoppedAt: number | undefined;
  const onSignal = (): void => {
    if (stoppedAt === undefined) {
      stop();
      stoppedAt = performance.now(); // a stop may take longer than the second one of the same key press
    } else if (performance.now() - stoppedAt > SAME_KEY_PRESS_MS) {
      exitNow(0);
    }
  };
  return onSignals(onSignal);
}

/** Ctrl-C, SIGTERM, or the end of the terminal. Returns what undoes this. */
export function onSignals(listener: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/** For --until-eof: a pipe ends when the process at its other end does, however that ended. Returns what undoes this. */
export function stopOnEof(stop: () => void): () => void {
  process.stdin.on('end', stop).on('error', stop).resume();
  return () => process.stdin.off('end', stop).destroy();
}
