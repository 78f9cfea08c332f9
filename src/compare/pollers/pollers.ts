// Runs `compare --pollers`: starts the process that measures, and gathers what it found.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { shortageSentence } from '../../posix/shortage.js';
import { aborted } from '../aborted.js';
import { machine, VERSION } from '../machine.js';
import { TEXTBOOK } from '../sweep/textbook.js';
import type { PollerCell, PollersResult } from './result.js';
import { pollersVerdict } from './verdict.js';

const MEASURE = fileURLToPath(new URL('./measure.js', import.meta.url));

/** `until` ends it early: what was measured by then is kept. Throws a sentence where the process failed. */
export async function comparePollers(until: AbortSignal): Promise<PollersResult> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const { descriptors } = TEXTBOOK;
  const cells: PollerCell[] = [];
  const child = spawn(process.execPath, [MEASURE, ...descriptors.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C reaches this process alone
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    cells.push(JSON.parse(line) as PollerCell);
  });
  const ended = once(child, 'close').catch((error) => {
    throw new Error(shortageSentence(error) ?? error.message);
  });
  await Promise.race([ended, aborted(until)]);
  if (until.aborted) child.kill('SIGKILL');
  const [status] = await ended;
  if (status !== 0 && !until.aborted) throw new Error(`The measurement failed: ${said.trim() || status}.`);
  return {
    version: VERSION,
    machine: machine(),
    startedAt,
    durationUs: Math.round((performance.now() - began) * 1e3),
    cutShort: until.aborted,
    descriptors,
    cells,
    textbook: TEXTBOOK,
    verdict: until.aborted ? [] : pollersVerdict(cells),
  };
}
