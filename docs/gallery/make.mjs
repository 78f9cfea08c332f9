// Makes the gallery, a page that plays a run for each scenario, from real runs:
// `npm run build && node docs/gallery/make.mjs [SCENARIO...]`

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { allScenarios } from '../../build/src/compare/scenario.js';

/** Bytes. A page is to be sent by mail and opened on a phone. */
const MOST_BYTES = 300_000;
const program = fileURLToPath(new URL('../../bin/evented-demo.js', import.meta.url));
const run = (...args) => execFileSync(process.execPath, [program, ...args], { stdio: 'ignore' });

/** The shortest beginning that is no story yet. */
const LEAST_SHARE = 0.02;

function make(name, recording) {
  const page = fileURLToPath(new URL(`${name}.html`, import.meta.url));
  const times = gunzipSync(readFileSync(recording))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).at);
  // A run with more events than fit is cut off at its end.
  for (let share = 1; share > LEAST_SHARE; share *= 0.9) {
    const to = times[Math.ceil(times.length * share) - 1];
    rmSync(page, { force: true });
    run('replay', recording, `--html=${page}`, ...(share < 1 ? [`--to=${(to / 1e6).toFixed(6)}`] : []));
    const { size } = statSync(page);
    if (size > MOST_BYTES) continue;
    const part = share < 1 ? `, the first ${(to / 1e6).toFixed(1)} s` : '';
    console.log(`${name}: ${size} bytes${part}`);
    return;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'evented-demo-'));
const wanted = process.argv.slice(2);
for (const { name } of await allScenarios()) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const recording = join(folder, `${name}.ndjson.gz`);
  run('compare', name, '--quiet', `--record=${recording}`);
  make(name, recording);
}
rmSync(folder, { recursive: true });
