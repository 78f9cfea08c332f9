// Ctrl-C as a promise, so that it can be awaited together with others: it ends a long run early.

/** Resolves when `until` is aborted, or at once where it has been. */
export function aborted(until: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (until.aborted) resolve(undefined);
    until.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
