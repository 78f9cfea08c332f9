// The files that a server's threads and processes run. The build bundles each with all it imports, and puts the bundles
// beside this file: a thread that loads file by file takes twice as long to start.

export type EntryPoint =
  | 'first-thread'
  | 'worker-thread'
  | 'connection-thread'
  | 'pool-thread'
  | 'connection-process';

export const entry = (name: EntryPoint): URL => new URL(`./${name}.cjs`, import.meta.url);
