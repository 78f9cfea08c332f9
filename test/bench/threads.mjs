// `npm run bench -- threads`: what a fresh connection thread of the blocking server costs, in time and in memory.
// Beside it a bare pthread, from pthread.c, where there is a C compiler.

import { connect } from 'node:net';
import { mapCount, pssBytes } from './proc.mjs';
import { compile, freePort, run, sleep, start } from './processes.mjs';
import { PROGRAM } from './servers.mjs';
import { figure, median, percentile, progress, table } from './table.mjs';

/** Memory is read when all have come to rest. */
const REST_MS = 1_000;

export const threads = (/** @type {import('./run.mjs').Options} */ options) =>
  costOfStarts(options, {
    what: 'thread',
    plural: 'threads',
    mode: 'blocking',
    name: 'connection thread of serve (a V8 of its own)',
    fresh: ['--spare-threads', '0'],
    inC: 'pthread',
    starts: 50,
    few: 10,
    many: 110,
    hasMaps: true,
  });

/**
 * @typedef {object} Kind What a server starts for a connection
 * @property {string} what
 * @property {string} plural
 * @property {string} mode
 * @property {string} name
 * @property {string[]} fresh the flags with which each connection gets a fresh one
 * @property {string} inC the program of this folder that does the same in C
 * @property {number} starts
 * @property {number} few memory is that of so many, taken from that of `many`
 * @property {number} many
 * @property {boolean} hasMaps whether its memory maps are in the server's own process
 */

/** @typedef {{ medianUs: number, p90Us: number, bytes: number, maps: number }} Cost */

export async function costOfStarts(
  /** @type {import('./run.mjs').Options} */ { rounds },
  /** @type {Kind} */ kind,
) {
  const { what, plural, mode, name, fresh, inC, starts, few, many, hasMaps } = kind;
  console.log(`${rounds} rounds; the time of ${starts} starts one after the other; all CPUs may be used`);
  console.log(`memory: ${many} ${plural}, each held by a silent client, less ${few} of them (PSS)\n`);
  /** @type {Cost[]} */
  const ours = [];
  /** @type {Cost[]} */
  const bare = [];
  const program = await compile(inC);
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}`);
    ours.push({ ...(await timeStarts(starts, fresh, mode)), ...(await memoryOfOne(kind)) });
    if (program !== undefined)
      bare.push(JSON.parse(await run([program, `${starts}`, `${few}`, `${many}`], 60)));
  }
  progress('');
  const row = (/** @type {string} */ of, /** @type {Cost[]} */ measured) => [
    of,
    figure(median(measured.map(({ medianUs }) => medianUs / 1e3))),
    figure(median(measured.map(({ p90Us }) => p90Us / 1e3))),
    figure(median(measured.map(({ bytes }) => bytes / 1024))),
    ...(hasMaps ? [figure(median(measured.map(({ maps }) => maps)))] : []),
  ];
  const rows = [row(name, ours)];
  if (bare.length > 0) rows.push(row(`${inC} (test/bench/${inC}.c)`, bare));
  else console.log(`no C compiler was found: ${inC} is left out\n`);
  const heads = [what, 'start, median\nms', 'slowest tenth\nfrom, ms', 'memory\nKiB'];
  console.log(table(hasMaps ? [...heads, 'memory\nmaps'] : heads, rows));
}

/** One client after the other, each of which gets a fresh thread, or what else the server of `mode` starts for it. */
async function timeStarts(
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

async function memoryOfOne(/** @type {Kind} */ { mode, few, many }) {
  const server = await startServer(['--timeout', '0'], mode);
  /** @type {import('node:net').Socket[]} */
  const clients = [];
  /** @type {{ bytes: number, maps: number }[]} */
  const looks = [];
  for (const number of [few, many]) {
    while (clients.length < number) clients.push(connect(server.port, '127.0.0.1').on('error', () => {}));
    await server.started(number);
    await sleep(REST_MS);
    const { pid } = server.process;
    looks.push({ bytes: pssBytes(pid), maps: mapCount(pid) });
  }
  for (const client of clients) client.destroy();
  await server.process.stop();
  const [before, after] = looks;
  return {
    bytes: (after.bytes - before.bytes) / (many - few),
    maps: (after.maps - before.maps) / (many - few),
  };
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
      if (server.over) throw new Error(`serve ended too early: ${server.stderr}`);
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
