// Loaded before a program of ours (node --import): its threads and processes load file by file, where the build's bundles
// hold a copy of everything. So what is changed in one file before they start holds for them too.

import childProcess from 'node:child_process';
import { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import workerThreads from 'node:worker_threads';

const MODELS = fileURLToPath(new URL('../../src/models', import.meta.url));

/** The file that a bundle was made from; what is no bundle stays. */
function unbundled(file: string): string {
  if (!file.startsWith(MODELS) || !file.endsWith('.cjs')) return file;
  const name = basename(file).replace(/\.cjs$/, '.js');
  return ['.', 'evented', 'blocking'].map((folder) => join(MODELS, folder, name)).find(existsSync)!;
}

const { Worker } = workerThreads;
workerThreads.Worker = class extends Worker {
  constructor(file: string | URL, options?: workerThreads.WorkerOptions) {
    super(file instanceof URL ? unbundled(fileURLToPath(file)) : file, options);
  }
};
const spawn = childProcess.spawn as (file: string, args: readonly string[], options: object) => unknown;
Object.assign(childProcess, {
  spawn: (file: string, args: readonly string[], options: object) =>
    spawn(file, args.map(unbundled), options),
});
syncBuiltinESMExports();
