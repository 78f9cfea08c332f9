// Makes the gallery, a page that plays a run for each scenario, from real runs:
// `npm run build && node docs/gallery/make.mjs [SCENARIO...]`

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allScenarios } from '../../build/src/compare/scenario.js';

/** A page is to be sent by mail and opened on a phone. */
const MOST_BYTES = 300_000;
const program = fileURLToPath(new URL('../../bin/evented-demo.js', import.meta.url));
const run = (...args) => execFileSync(process.execPath, [program, ...args], { stdio: 'ignore' });

const folder = mkdtempSync(join(tmpdir(), 'evented-demo-'));
const wanted = process.argv.slice(2);
for (const { name } of await allScenarios()) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const recording = join(folder, `${name}.ndjson.gz`);
  const page = fileURLToPath(new URL(`${name}.html`, import.meta.url));
  run('compare', name, '--quiet', `--record=${recording}`);
  rmSync(page, { force: true });
  run('replay', recording, `--html=${page}`);
  const { size } = statSync(page);
  console.log(`${name}: ${size} bytes`);
  if (size <= MOST_BYTES) continue;
  console.error(`${name}.html has more than ${MOST_BYTES} bytes. Give replay an earlier end with --to.`);
  process.exitCode = 1;
}
rmSync(folder, { recursive: true });
