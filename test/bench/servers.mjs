// Servers under the same load, in turn. `npm run bench -- servers`: this program, those that Node brings and nginx.
// `npm run bench -- models`: every way to serve that this program has, beside two servers in C. Each round starts every server afresh, warms it up, measures it and stops it.

import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GENERATOR, load } from './generator.mjs';
import { find, LOAD_CPU, on, SERVER_CPU } from './machine.mjs';
import { cpuUs, pssBytes, threadCount, threadCpuUs } from './proc.mjs';
import { compile, freePort, scratch, sleep, start, untilItAnswers } from './processes.mjs';
import { figure, median, megabytes, progress, ratio, table, whole } from './table.mjs';

const CONNECTIONS = 16;
/** With fewer a fast loop has often one client ready, and sleeps for each request: so in one run, and not in the next. */
const CONNECTIONS_OF_MODELS = 64;
const WARM_UP_SECONDS = 1;
/** Many fresh threads take long to start, and each V8 compiles for itself: so often is the warm-up repeated. */
const MOST_WARM_UPS = 20;
/** Below this share of what it was the time before, a request still gets cheaper. */
const CHEAPER = 0.95;
/** The narrator may still be at work when the last reply is out. */
const AFTERMATH_MS = 200;

/** The threads of `serve` that serve; the main thread narrates. */
const SERVER_THREADS = /^(loop|acceptor|conn-\d+)$/;

export const PROGRAM = path('../../bin/evented-demo.js');
const nginx = find('nginx');

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {(port: number, keepAlive: boolean, connections: number) => string[]} command
 * @property {boolean} [neverKeepsAlive] it is measured with a connection per request only
 * @property {string} [quiet] the server that is the same but for its events
 */

/** @type {Server[]} */
export const SERVERS = [
  ours('evented'),
  ours('blocking'),
  { name: 'evented-ndjson', command: serve('evented', ['--format', 'ndjson']), quiet: 'evented' },
  { name: 'evented-pretty', command: serve('evented', ['--format', 'pretty']), quiet: 'evented' },
  { name: 'blocking-ndjson', command: serve('blocking', ['--format', 'ndjson']), quiet: 'blocking' },
  { name: 'blocking-pretty', command: serve('blocking', ['--format', 'pretty']), quiet: 'blocking' },
  { name: 'node:net', command: (port, keepAlive) => node('./servers/node-net.mjs', port, keepAlive) },
  { name: 'node:http', command: (port, keepAlive) => node('./servers/node-http.mjs', port, keepAlive) },
  ...(nginx === undefined ? [] : [{ name: 'nginx', command: nginxCommand }]),
];

/**
 * @typedef {object} Measured
 * @property {number} requestsPerSecond
 * @property {number} p99Ms
 * @property {number} errors
 * @property {number} cpu us per request, of the whole server
 * @property {number} threadCpu us per request, of the threads that serve
 * @property {number} pss bytes
 * @property {number} threads
 * @property {Told} told
 *
 * @typedef {object} Told
 * @property {number} requests
 * @property {number} lines
 * @property {number} dropped
 * @property {number} skipped
 */

/** Every way to serve, by its flags. @type {Server[]} */
export const MODELS = [
  ours('evented'),
  ours('evented --loops 1'),
  ours('evented --poller poll'),
  ours('evented --poller select'),
  ours('async'),
  ours('completion'),
  ours('blocking'),
  // Each of its threads serves one connection: with keep-alive there are as many as clients. Of processes that is too many.
  {
    name: 'pool --threads',
    command: (port, keepAlive, connections) =>
      ours(`pool --threads ${keepAlive ? connections : 4}`).command(port, keepAlive, connections),
  },
  { ...ours('processes --prefork 4'), neverKeepsAlive: true },
];

export const servers = (/** @type {import('./run.mjs').Options} */ options) =>
  underLoad(options, SERVERS, 'node:http');

export async function models(/** @type {import('./run.mjs').Options} */ options) {
  const inC = await Promise.all(['epoll', 'threads'].map((name) => compile(`servers/${name}`)));
  const [epoll, threads] = inC;
  if (epoll === undefined || threads === undefined)
    throw new Error('This part needs a C compiler: install gcc.');
  const keeps = (/** @type {boolean} */ keepAlive) => (keepAlive ? 'keep-alive' : 'close');
  await underLoad(
    { ...options, connections: options.connections ?? CONNECTIONS_OF_MODELS },
    [
      { name: 'epoll in C', command: (port, keepAlive) => [epoll, String(port), keeps(keepAlive)] },
      { name: 'threads in C', command: (port, keepAlive) => [threads, String(port), keeps(keepAlive)] },
      ...SERVERS.filter(({ name }) => name === 'nginx'),
      ...MODELS,
    ],
    'epoll in C',
  );
}

/** `yardstick`: the server with which all others are compared. */
async function underLoad(
  /** @type {import('./run.mjs').Options} */ options,
  /** @type {Server[]} */ list,
  /** @type {string} */ yardstick,
) {
  const { rounds, seconds, connections = CONNECTIONS, only } = options;
  const chosen = list.filter(({ name }) => only === undefined || only.includes(name) || name === yardstick);
  console.log(`${rounds} rounds of ${seconds} s, ${connections} clients at once; the load is ${GENERATOR}`);
  console.log(
    SERVER_CPU === undefined
      ? 'servers and load share the CPUs: taskset or a second CPU is missing'
      : `servers on CPU ${SERVER_CPU} alone, the load on CPU ${LOAD_CPU}`,
  );
  if (nginx === undefined) console.log('nginx is not installed and is left out');
  for (const keepAlive of [false, true]) {
    const part = chosen.filter(({ neverKeepsAlive }) => !(keepAlive && neverKeepsAlive));
    /** @type {Map<string, Measured[]>} */
    const measured = new Map(part.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const server of part) {
        progress(`${keepAlive ? 'keep-alive' : 'a connection per request'}, round ${round}, ${server.name}`);
        measured.get(server.name)?.push(await measure(server, keepAlive, connections, seconds));
      }
    }
    progress('');
    console.log(`\n${keepAlive ? 'Keep-alive' : 'A connection per request'}\n`);
    console.log(costs(measured, yardstick));
    if (part.some(({ quiet }) => quiet !== undefined)) console.log(`\n${events(part, measured)}`);
  }
}

/** @returns {Promise<Measured>} */
async function measure(
  /** @type {Server} */ server,
  /** @type {boolean} */ keepAlive,
  /** @type {number} */ connections,
  /** @type {number} */ seconds,
) {
  const port = await freePort();
  const file = scratch('output');
  const output = openSync(file, 'w');
  const process = start(on(SERVER_CPU, server.command(port, keepAlive, connections)), {
    stdout: output,
    limitSeconds: 60 + seconds + MOST_WARM_UPS * WARM_UP_SECONDS,
  });
  closeSync(output);
  try {
    const { pid } = process;
    await untilItAnswers(process, port);
    await warmUp(pid, () => load(port, connections, WARM_UP_SECONDS, keepAlive));
    const before = { cpu: cpuUs(pid), threadCpu: threadCpuUs(pid, SERVER_THREADS) };
    const done = await load(port, connections, seconds, keepAlive);
    await sleep(AFTERMATH_MS);
    const figures = {
      requestsPerSecond: done.requests / done.seconds,
      p99Ms: done.p99Us / 1e3,
      errors: done.errors,
      cpu: (cpuUs(pid) - before.cpu) / done.requests,
      threadCpu: (threadCpuUs(pid, SERVER_THREADS) - before.threadCpu) / done.requests,
      pss: pssBytes(pid),
      threads: threadCount(pid),
    };
    await process.stop();
    return { ...figures, told: told(file, process.stderr) };
  } finally {
    await process.stop();
    unlinkSync(file);
  }
}

/** Until no thread is added any more, and no request gets cheaper: what V8 has still to compile would be measured too. */
async function warmUp(/** @type {number} */ pid, /** @type {() => Promise<{ requests: number }>} */ loadIt) {
  let before = { threads: 0, cpu: Number.POSITIVE_INFINITY };
  for (let i = 0; i < MOST_WARM_UPS; i++) {
    const used = cpuUs(pid);
    const { requests } = await loadIt();
    const now = { threads: threadCount(pid), cpu: (cpuUs(pid) - used) / requests };
    if (now.threads === before.threads && now.cpu > CHEAPER * before.cpu) return;
    before = now;
  }
}

/** What a server wrote of its own events, and what it says it did not. */
function told(/** @type {string} */ file, /** @type {string} */ stderr) {
  const bytes = readFileSync(file);
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  const end = bytes.subarray(-4096).toString();
  const number = (/** @type {RegExp} */ pattern, /** @type {string} */ text) =>
    Number(pattern.exec(text)?.[1].replaceAll(',', '') ?? 0);
  return {
    lines,
    requests:
      number(/"requests":(\d+)/, end.slice(end.lastIndexOf('"stopped"'))) ||
      number(/([\d,]+) requests?;/, end),
    dropped: number(/"eventsDropped":(\d+)/, end) || number(/([\d,]+) events? came too fast/, end),
    skipped: number(/(\d+) lines were not shown/, stderr),
  };
}

function costs(/** @type {Map<string, Measured[]>} */ measured, /** @type {string} */ of) {
  const yardstick = measured.get(of);
  const rows = [...measured].map(([name, rounds]) => {
    const errors = rounds.reduce((sum, each) => sum + each.errors, 0);
    return [
      errors === 0 ? name : `${name} (${errors} errors)`,
      ratio(median(rounds.map(({ cpu }, i) => cpu / (yardstick?.[i]?.cpu ?? Number.NaN)))),
      figure(median(rounds.map(({ cpu }) => cpu))),
      whole(median(rounds.map(({ requestsPerSecond }) => requestsPerSecond))),
      figure(median(rounds.map(({ p99Ms }) => p99Ms))),
      megabytes(median(rounds.map(({ pss }) => pss))),
      whole(median(rounds.map(({ threads }) => threads))),
    ];
  });
  const headings = ['server', `CPU, x of\n${of}`, 'CPU us per\nrequest', 'requests\nper s', 'p99\nms'];
  return table([...headings, 'memory\n(PSS)', 'threads'], rows);
}

function events(/** @type {Server[]} */ chosen, /** @type {Map<string, Measured[]>} */ measured) {
  const rows = chosen.map(({ name, quiet }) => {
    const rounds = measured.get(name) ?? [];
    const yardstick = measured.get(quiet ?? name);
    const all = (/** @type {keyof Told} */ what) => rounds.reduce((sum, each) => sum + each.told[what], 0);
    const counts = /** @type {const} */ (['requests', 'lines', 'dropped', 'skipped']);
    return [
      name,
      ratio(median(rounds.map(({ threadCpu }, i) => threadCpu / (yardstick?.[i]?.threadCpu ?? Number.NaN)))),
      figure(median(rounds.map(({ threadCpu }) => threadCpu))),
      ...(quiet === undefined ? ['', '', '', ''] : counts.map((count) => whole(all(count)))),
    ];
  });
  const ours = rows.filter((_, i) => chosen[i].name.match(/^(evented|blocking)/));
  const headings = ['events on, and the\nsame without', 'server thread,\nx of quiet', 'CPU us per\nrequest'];
  return table([...headings, 'requests', 'lines\nwritten', 'events\ndropped', 'lines not\nwritten'], ours);
}

function serve(/** @type {string} */ mode, /** @type {string[]} */ flags) {
  return (/** @type {number} */ port, /** @type {boolean} */ keepAlive) => [
    ...[process.execPath, PROGRAM, 'serve', '--mode', mode, '--port', String(port), ...flags],
    ...(keepAlive ? ['--keep-alive'] : []),
  ];
}

/** Without events. @returns {Server} */
function ours(/** @type {string} */ name) {
  const [mode, ...flags] = name.split(' ');
  return { name, command: serve(mode, [...flags, '--detail', 'none']) };
}

function node(/** @type {string} */ file, /** @type {number} */ port, /** @type {boolean} */ keepAlive) {
  return [process.execPath, path(file), String(port), keepAlive ? 'keep-alive' : 'close'];
}

/** One process, no log, the same reply. */
function nginxCommand(/** @type {number} */ port) {
  const folder = scratch('nginx');
  mkdirSync(folder, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const configuration = `
    daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
    events { worker_connections 20000; }
    http {
      access_log off; keepalive_requests 1000000000; default_type 'text/plain; charset=utf-8';
      ${temporary.map((each) => `${each}_temp_path ${folder}/${each};`).join(' ')}
      server { listen 127.0.0.1:${port} backlog=511; location = / { return 200 'Hello, world!'; } }
    }`;
  writeFileSync(`${folder}/nginx.conf`, configuration);
  return [nginx ?? '', '-e', 'stderr', '-p', folder, '-c', `${folder}/nginx.conf`];
}

function path(/** @type {string} */ file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
