// `npm run bench -- threads`: what a fresh connection thread of the blocking server costs, in time and in memory.
// Beside it a bare pthread, from pthread.c, where there is a C compiler.

import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { find } from './machine.mjs';
import { mapCount, pssBytes } from './proc.mjs';
import { freePort, run, scratch, sleep, start } from './processes.mjs';
import { PROGRAM } from './servers.mjs';
import { figure, median, percentile, progress, table } from './table.mjs';

const STARTS = 50;
const FEW = 10;
const MANY = 110;
/** Memory is read when the threads have come to rest. */
const REST_MS = 1_000;

export async function threads(/** @type {import('./run.mjs').Options} */ { rounds }) {
  console.log(`${rounds} rounds; the time of ${STARTS} starts one after the other; all CPUs may be used`);
  console.log(`memory: ${MANY} threads, each held by a silent client, less ${FEW} of them (PSS)\n`);
  /** @type {Thread[]} */
  const ours = [];
  /** @type {Thread[]} */
  const bare = [];
  const program = await compile('pthread');
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}`);
    ours.push({ ...(await timeStarts(STARTS, ['--spare-threads', '0'])), ...(await memoryOfOne()) });
    if (program !== undefined)
      bare.push(JSON.parse(await run([program, String(STARTS), `${FEW}`, `${MANY}`], 60)));
  }
  progress('');
  const row = (/** @type {string} */ name, /** @type {Thread[]} */ measured) => [
    name,
    figure(median(measured.map(({ medianUs }) => medianUs / 1e3))),
    figure(median(measured.map(({ p90Us }) => p90Us / 1e3))),
    figure(median(measured.map(({ bytes }) => bytes / 1024))),
    figure(median(measured.map(({ maps }) => maps))),
  ];
  const rows = [row('connection thread of serve (a V8 of its own)', ours)];
  if (bare.length > 0) rows.push(row('pthread (test/bench/pthread.c)', bare));
  else console.log('no C compiler was found: the pthread is left out\n');
  console.log(
    table(['thread', 'start, median\nms', 'slowest tenth\nfrom, ms', 'memory\nKiB', 'memory\nmaps'], rows),
  );
}

/** @typedef {{ medianUs: number, p90Us: number, bytes: number, maps: number }} Thread */

/** A program of this folder; undefined where there is no C compiler. */
export async function compile(/** @type {string} */ name) {
  const compiler = find('cc') ?? find('gcc') ?? find('clang');
  if (compiler === undefined) return undefined;
  const program = scratch(name);
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  await run([compiler, '-O2', '-pthread', '-o', program, source], 60);
  return program;
}

/** One client after the other, each of which gets a fresh thread, or what else the server of `mode` starts for it. */
export async function timeStarts(
  /** @type {number} */ starts,
  /** @type {string[]} */ flags,
  /** @type {string | undefined} */ mode = undefined,
) {
  const server = await startServer(flags, mode);
  for (let i = 0; i < starts; i++) await ask(server.port);
  const took = await server.started(starts);
  await server.process.stop();
  took.sort((a, b) => a - b);
  return { medianUs: median(took) ?? 0, p90Us: percentile(took, 0.9) };
}

async function memoryOfOne() {
  const server = await startServer(['--max-threads', String(MANY), '--timeout', '0']);
  /** @type {import('node:net').Socket[]} */
  const clients = [];
  /** @type {number[]} */
  const bytes = [];
  /** @type {number[]} */
  const maps = [];
  for (const number of [FEW, MANY]) {
    while (clients.length < number) clients.push(connect(server.port, '127.0.0.1').on('error', () => {}));
    await server.started(number);
    await sleep(REST_MS);
    bytes.push(pssBytes(server.process.pid));
    maps.push(mapCount(server.process.pid));
  }
  for (const client of clients) client.destroy();
  await server.process.stop();
  return { bytes: (bytes[1] - bytes[0]) / (MANY - FEW), maps: (maps[1] - maps[0]) / (MANY - FEW) };
}

/** A server whose `thread-started` events are read as they come. */
export async function startServer(/** @type {string[]} */ flags, mode = 'blocking') {
  const port = await freePort();
  /** @type {number[]} */
  const took = [];
  let listening = false;
  let rest = '';
  const command = [process.execPath, PROGRAM, 'serve', '--mode', mode, '--port', String(port)];
  const server = start([...command, '--format', 'ndjson', ...flags], {
    limitSeconds: 600,
    onStdout: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const event of lines.map((line) => JSON.parse(line))) {
        if (event.event === 'listening') listening = true;
        if (event.event === 'thread-started' && event.serial > 0) took.push(event.tookUs);
      }
    },
  });
  const until = async (/** @type {() => boolean} */ there) => {
    while (!there()) {
      if (server.over) throw new Error(`expected more events, but serve ended: ${server.stderr}`);
      await sleep(10);
    }
  };
  await until(() => listening);
  const started = async (/** @type {number} */ number) => {
    await until(() => took.length >= number);
    return took;
  };
  return { port, process: server, started };
}

/** @returns {Promise<void>} */
export function ask(/** @type {number} */ port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject).on('close', () => resolve());
    socket.resume().write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  });
}
