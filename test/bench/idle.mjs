// `npm run bench -- idle`: what idle keep-alive connections cost the evented server: memory, and the others' latency.
// The connections are held by a process of its own, hold.mjs; the probe asks from here.

import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { LOAD_CPU, on, SERVER_CPU } from './machine.mjs';
import { anonymousBytes, mostDescriptors, rssBytes } from './proc.mjs';
import { freePort, sleep, start, untilItAnswers } from './processes.mjs';
import { PROGRAM } from './servers.mjs';
import { figure, median, megabytes, percentile, progress, ratio, table, whole } from './table.mjs';

const CONNECTIONS = 10_000;
/** What a process needs descriptors for beside the connections. */
const OTHER_DESCRIPTORS = 200;
const PROBES = 5_000;
/** The first thousands of requests get faster and faster, and the probe that comes second must not gain by that. */
const WARM_UPS = 6;
const REST_MS = 500;
const HOLD = fileURLToPath(new URL('./hold.mjs', import.meta.url));

export async function idle(/** @type {import('./run.mjs').Options} */ { rounds, connections = CONNECTIONS }) {
  const number = Math.min(connections, mostDescriptors() - OTHER_DESCRIPTORS);
  if (number < 1) throw new Error('There are no descriptors for connections. Raise `ulimit -n`.');
  if (number < connections) {
    console.log(`${whole(number)} connections and no more: \`ulimit -Hn\` is ${mostDescriptors()}`);
  }
  console.log(`${rounds} rounds of ${whole(PROBES)} requests, one after the other over one connection,`);
  console.log(`first with no other connection and then beside ${whole(number)} idle ones\n`);
  /** @type {State[]} */
  const alone = [];
  /** @type {State[]} */
  const beside = [];
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}`);
    const port = await freePort();
    const server = await startServer(port, number);
    alone.push(await state(server.pid, port));
    const holder = await hold(port, number);
    beside.push(await state(server.pid, port));
    await holder.stop();
    await server.stop();
  }
  progress('');
  report(number, alone, beside);
}

/** A fresh one for each round, for V8 keeps the memory that it once had; both sides are warm when it is given. */
async function startServer(/** @type {number} */ port, /** @type {number} */ connections) {
  const flags = ['--keep-alive', '--detail', 'none', '--timeout', '0', '--port', String(port)];
  const limit = ['--max-connections', String(connections + OTHER_DESCRIPTORS)];
  const command = [process.execPath, PROGRAM, 'serve', '--mode', 'evented', ...flags, ...limit];
  const server = start(on(SERVER_CPU, command), { stdout: 'ignore', limitSeconds: 180 });
  await untilItAnswers(server, port);
  for (let i = 0; i < WARM_UPS; i++) await probe(port);
  return server;
}

/** @typedef {{ anonymous: number, rss: number, p50: number, p99: number }} State */

function report(/** @type {number} */ number, /** @type {State[]} */ alone, /** @type {State[]} */ beside) {
  const row = (/** @type {string} */ name, /** @type {State[]} */ states) => [
    name,
    figure(median(states.map(({ p50 }) => p50))),
    figure(median(states.map(({ p99 }) => p99))),
    megabytes(median(states.map(({ anonymous }) => anonymous))),
    megabytes(median(states.map(({ rss }) => rss))),
  ];
  const of = (/** @type {'p50' | 'p99'} */ what) =>
    ratio(median(beside.map((each, i) => each[what] / alone[i][what])));
  const each = (/** @type {'anonymous' | 'rss'} */ what) =>
    `${whole(median(beside.map((each, i) => (each[what] - alone[i][what]) / number)))} bytes`;
  console.log(
    table(
      ['idle connections', 'probe p50\nus', 'probe p99\nus', 'heaps and\nstacks', 'RSS'],
      [
        row('0', alone),
        row(whole(number), beside),
        ['latency, as ratio', of('p50'), of('p99'), '', ''],
        ['memory of one', '', '', each('anonymous'), each('rss')],
      ],
    ),
  );
  console.log('\nThe kernel has memory of its own for each socket, which is not counted here.');
}

/** @returns {Promise<State>} */
async function state(/** @type {number} */ pid, /** @type {number} */ port) {
  await sleep(REST_MS);
  const memory = { anonymous: anonymousBytes(pid), rss: rssBytes(pid) };
  return { ...memory, ...(await probe(port)) };
}

/** @returns {Promise<{ p50: number, p99: number }>} microseconds */
function probe(/** @type {number} */ port) {
  return new Promise((resolve, reject) => {
    const took = new Float64Array(PROBES);
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let done = 0;
    let since = 0;
    const ask = () => {
      since = performance.now();
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    };
    socket.setTimeout(10_000, () => socket.destroy(new Error('no reply came within 10 s')));
    socket.on('connect', ask).on('error', reject);
    socket.on('data', () => {
      took[done++] = (performance.now() - since) * 1e3;
      if (done < PROBES) return ask();
      socket.destroy();
      took.sort();
      resolve({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
    });
    socket.on('close', () => reject(new Error('the server closed before all replies had come')));
  });
}

/** Starts the process that holds the connections, and waits until it has them all. */
async function hold(/** @type {number} */ port, /** @type {number} */ number) {
  let said = '';
  const holder = start(on(LOAD_CPU, [process.execPath, HOLD, String(port), String(number)]), {
    limitSeconds: 120,
    onStdout: (text) => {
      said += text;
    },
  });
  while (!said.includes('ready')) {
    if (holder.over) throw new Error(`${number} connections could not be held: ${holder.stderr}`);
    await sleep(20);
  }
  return holder;
}
