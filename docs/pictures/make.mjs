// Makes the README's picture from one real run: `npm run build && node docs/pictures/make.mjs`

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/evented-demo.js', import.meta.url));
const picture = fileURLToPath(new URL('silent.svg', import.meta.url));
const run = (...args) => execFileSync(process.execPath, [program, ...args], { stdio: 'inherit' });

const folder = mkdtempSync(join(tmpdir(), 'evented-demo-'));
const recording = join(folder, 'silent.ndjson');
run('compare', 'silent', '--modes=blocking,evented', '--quiet', `--record=${recording}`);
const steps = readFileSync(recording, 'utf8')
  .split('\n')
  .filter((line) => line.includes('"event":"step"'))
  .map((line) => JSON.parse(line));
// The first step only starts the threads.
const [, silent, , leave] = steps;
const seconds = (us) => (us / 1e6).toFixed(6);
rmSync(picture, { force: true });
run(
  'replay',
  recording,
  `--svg=${picture}`,
  `--at=${seconds(silent.at - 20_000)}`,
  `--to=${seconds(leave.at + 40_000)}`,
);
rmSync(folder, { recursive: true });
