// When a test gives up. A test waits for what must happen, however long that takes on a busy machine: this ends only one
// that waits in vain.

const MINUTES = 3;

export const LIMIT = { timeout: MINUTES * 60_000 };
