// `npm run bench -- replay`: how soon a recording of a million events is on the screen, how fast it is played, and in how
// much memory. The events are those of one real request, again and again, each time over a connection of its own.

import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { peakBytes } from './proc.mjs';
import { freePort, scratch, sleep, start, untilItAnswers } from './processes.mjs';
import { PROGRAM } from './servers.mjs';
import { figure, median, megabytes, progress, table, whole } from './table.mjs';

const EVENTS = 1_000_000;
/** Microseconds between two requests. */
const APART_US = 500;
const LIMIT_SECONDS = 120;
const LOOK_EVERY_MS = 20;
/** Lines that are written together. */
const PIECE = 10_000;

/** @typedef {{ seconds: number, peak: number }} Measured */

export async function replay(/** @type {import('./run.mjs').Options} */ { rounds }) {
  progress('recording');
  const { file, last } = await record();
  console.log(
    `${rounds} rounds; a recording of ${whole(EVENTS)} events, ${megabytes(statSync(file).size)}\n`,
  );
  const shown = (/** @type {RegExp} */ pattern, /** @type {string[]} */ ...flags) => ({ pattern, flags });
  const onBoard = {
    'on the board: the first picture': shown(/playing at 1x/, '--speed', '1'),
    'on the board: its last moment': shown(/the end|playing/, '--at', String(last / 1e6)),
  };
  const toFile = {
    'as lines, all of them': ['--lines'],
    'as NDJSON, all of it': ['--format', 'ndjson'],
    'as a page (the first 200,000 events)': ['--html'],
  };
  /** @type {Map<string, Measured[]>} */
  const all = new Map();
  const note = (/** @type {string} */ name, /** @type {Measured} */ measured) =>
    all.set(name, [...(all.get(name) ?? []), measured]);
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}`);
    for (const [name, { pattern, flags }] of Object.entries(onBoard))
      note(name, await untilShown([PROGRAM, 'replay', file, ...flags], pattern));
    for (const [name, flags] of Object.entries(toFile)) {
      const page = flags[0] === '--html' ? [scratch(`page-${round}.html`)] : [];
      note(name, await untilEnded([process.execPath, PROGRAM, 'replay', file, ...flags, ...page]));
    }
  }
  progress('');
  const rows = [...all].map(([name, measured]) => [
    name,
    figure(median(measured.map(({ seconds }) => seconds))),
    megabytes(Math.max(...measured.map(({ peak }) => peak))),
  ]);
  console.log(table(['replay', 'median\ns', 'peak of\nmemory'], rows));
}

/** Gives the time of the last event, in microseconds, too. */
async function record() {
  const port = await freePort();
  const [one, file] = [scratch('one.ndjson'), scratch('million.ndjson')];
  const flags = ['--mode', 'evented', '--port', String(port), '--record', one];
  const server = start([process.execPath, PROGRAM, 'serve', ...flags], { stdout: 'ignore' });
  await untilItAnswers(server, port);
  await server.stop();
  const events = readFileSync(one, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const isOfRequest = (/** @type {{ connection?: number }} */ { connection }) => connection === 1;
  const request = events.filter(isOfRequest);
  const listening = events.findIndex(({ event }) => event === 'listening');
  const fd = openSync(file, 'w');
  let lines = events.slice(0, listening + 1).map((event) => JSON.stringify(event));
  let written = lines.length;
  let last = 0;
  for (let connection = 1; written < EVENTS; connection++) {
    for (const event of request.slice(0, EVENTS - written)) {
      last = event.at - request[0].at + connection * APART_US;
      lines.push(JSON.stringify({ ...event, connection, at: last }));
      written++;
    }
    if (lines.length < PIECE && written < EVENTS) continue;
    writeSync(fd, `${lines.join('\n')}\n`);
    lines = [];
  }
  closeSync(fd);
  return { file, last };
}

/** On a terminal that script(1) makes. */
async function untilShown(/** @type {string[]} */ args, /** @type {RegExp} */ pattern) {
  const program = [process.execPath, ...args].map((each) => `'${each}'`).join(' ');
  const command = ['script', '-qfec', `stty cols 120 rows 40; exec ${program}`, '/dev/null'];
  const began = performance.now();
  let text = '';
  const terminal = start(command, {
    stdin: 'pipe',
    limitSeconds: LIMIT_SECONDS,
    onStdout: (piece) => {
      text = (text + piece).slice(-20_000);
    },
  });
  let peak = 0;
  while (!pattern.test(text) && !terminal.over) {
    peak = Math.max(peak, peakBytes(terminal.pid));
    await sleep(LOOK_EVERY_MS);
  }
  const seconds = (performance.now() - began) / 1e3;
  peak = Math.max(peak, peakBytes(terminal.pid));
  terminal.child.stdin?.write('q');
  await terminal.ended;
  return { seconds, peak };
}

async function untilEnded(/** @type {string[]} */ command) {
  const began = performance.now();
  const player = start(command, { stdout: 'ignore', limitSeconds: LIMIT_SECONDS });
  let peak = 0;
  while (!player.over) {
    peak = Math.max(peak, peakBytes(player.pid));
    await sleep(LOOK_EVERY_MS);
  }
  return { seconds: (performance.now() - began) / 1e3, peak };
}
