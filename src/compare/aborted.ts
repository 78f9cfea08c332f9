// The early end of what runs for long: Ctrl-C, as a promise that can be waited for beside others.

/** Resolves when `until` is aborted, or at once where it has been. */
export function aborted(until: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (until.aborted) resolve(undefined);
    until.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
