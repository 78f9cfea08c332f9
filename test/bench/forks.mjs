// `npm run bench -- forks`: what a process for each connection costs, in time and in memory.
// Beside it a bare fork(2), from fork.c, where there is a C compiler.

import { connect } from 'node:net';
import { pssBytes } from './proc.mjs';
import { run, sleep } from './processes.mjs';
import { figure, median, progress, table } from './table.mjs';
import { compile, startServer, timeStarts } from './threads.mjs';

const STARTS = 20;
const FEW = 2;
const MANY = 12;
/** Memory is read when the processes have come to rest. */
const REST_MS = 1_000;

export async function forks(/** @type {import('./run.mjs').Options} */ { rounds }) {
  console.log(`${rounds} rounds; the time of ${STARTS} starts one after the other; all CPUs may be used`);
  console.log(`memory: ${MANY} processes, each held by a silent client, less ${FEW} of them (PSS)\n`);
  /** @type {Cost[]} */
  const ours = [];
  /** @type {Cost[]} */
  const bare = [];
  const program = await compile('fork');
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}`);
    ours.push({ ...(await timeStarts(STARTS, [], 'processes')), bytes: await memoryOfOne() });
    if (program !== undefined)
      bare.push(JSON.parse(await run([program, String(STARTS), `${FEW}`, `${MANY}`], 60)));
  }
  progress('');
  const row = (/** @type {string} */ name, /** @type {Cost[]} */ measured) => [
    name,
    figure(median(measured.map(({ medianUs }) => medianUs / 1e3))),
    figure(median(measured.map(({ p90Us }) => p90Us / 1e3))),
    figure(median(measured.map(({ bytes }) => bytes / 1024))),
  ];
  const rows = [row('child process of serve (a whole Node)', ours)];
  if (bare.length > 0) rows.push(row('fork (test/bench/fork.c)', bare));
  else console.log('no C compiler was found: fork is left out\n');
  console.log(table(['process', 'start, median\nms', 'slowest tenth\nfrom, ms', 'memory\nKiB'], rows));
}

/** @typedef {{ medianUs: number, p90Us: number, bytes: number }} Cost */

async function memoryOfOne() {
  const server = await startServer(['--timeout', '0'], 'processes');
  /** @type {import('node:net').Socket[]} */
  const clients = [];
  /** @type {number[]} */
  const bytes = [];
  for (const number of [FEW, MANY]) {
    while (clients.length < number) clients.push(connect(server.port, '127.0.0.1').on('error', () => {}));
    await server.started(number);
    await sleep(REST_MS);
    bytes.push(pssBytes(server.process.pid));
  }
  for (const client of clients) client.destroy();
  await server.process.stop();
  return (bytes[1] - bytes[0]) / (MANY - FEW);
}
