// What one connection may cost the server, whatever the model.

/** A lingering close reads and drops what still comes, for so many milliseconds and bytes: see Reply.afterwards. */
export const LINGER_MS = 2_000;
export const LINGER_BYTES = 64 * 1024 * 1024;
