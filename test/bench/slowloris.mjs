// `npm run bench -- slowloris`: how long a polite client waits that comes behind many slow ones, in the blocking server.
// Without threads that are ready each slow client costs the start of one; with --min-spare-threads they are there.

import { connect } from 'node:net';
import { figure, median, progress, table } from './table.mjs';
import { ask, startServer } from './threads.mjs';

const SLOW = 400;
const MOST = 450;

export async function slowloris(/** @type {import('./run.mjs').Options} */ { rounds }) {
  console.log(`${rounds} rounds; ${SLOW} clients send half a request, then a polite one asks for /\n`);
  const rows = [];
  for (const ready of [0, SLOW + 10]) {
    const waits = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`--min-spare-threads ${ready}, round ${round}`);
      waits.push(await politeWait(ready));
    }
    rows.push([
      `serve --mode blocking --min-spare-threads ${ready}`,
      figure(median(waits)),
      figure(Math.max(...waits)),
    ]);
  }
  progress('');
  console.log(table(['', 'wait, median\nms', 'longest\nms'], rows));
}

/** In milliseconds. */
async function politeWait(/** @type {number} */ ready) {
  const flags = ['--max-threads', `${MOST}`, '--backlog', '1024', '--min-spare-threads', `${ready}`];
  const server = await startServer(flags);
  await server.started(ready);
  const slow = Array.from({ length: SLOW }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
  for (const client of slow) client.write('GET / HT');
  await Promise.all(slow.map((client) => new Promise((resolve) => client.once('connect', resolve))));
  const since = performance.now();
  await ask(server.port);
  const waited = performance.now() - since;
  for (const client of slow) client.destroy();
  await server.process.stop();
  return waited;
}
