// What runs this program: Node, or Bun or Deno, which can run it too but were not measured or tested.
// Said wherever the program names what it runs on. Pages in a browser load it with the sentences, so nothing is assumed.

const versions: Readonly<Record<string, string | undefined>> = globalThis.process?.versions ?? {};

/** `Node`, `Bun` or `Deno`. */
export const RUNTIME = versions.bun !== undefined ? 'Bun' : versions.deno !== undefined ? 'Deno' : 'Node';

/** `Node v20.20.2`, `Bun v1.4.5`. */
export const RUNTIME_AND_VERSION = `${RUNTIME} v${versions[RUNTIME.toLowerCase()]}`;

/** The engine of which each worker thread has its own. */
export const JAVASCRIPT_ENGINE = RUNTIME === 'Bun' ? 'JavaScriptCore' : 'V8';
