// The environment in which all tests run, whatever terminal, locale or CI they were started from. Importing it is enough:
// whatever a test starts gets `process.env`. A test that needs something else passes it as `env`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In CI a missing tool is a failure, not a skipped test. */
export const inCI = process.env.CI === 'true';

/** Where programs and files are found, and what `node --test` tells its own children. Nothing else is passed on. */
const KEPT = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR', 'NODE_TEST_CONTEXT', 'NODE_V8_COVERAGE'];

const home = mkdtempSync(join(tmpdir(), 'evented-demo-home-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

const KNOWN: NodeJS.ProcessEnv = {
  HOME: home, // not the user's own: the progress of their walkthroughs is there
  LC_ALL: 'C.UTF-8',
  SHELL: '/bin/sh',
  TERM: 'xterm-256color',
};

for (const name of Object.keys(process.env)) if (!KEPT.includes(name)) delete process.env[name];
Object.assign(process.env, KNOWN);
