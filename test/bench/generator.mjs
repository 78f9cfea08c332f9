// Puts a server under load: with wrk where it is installed, otherwise with load.mjs.
// A client on Node is at the end of its CPU before some of the servers are; wrk, written in C, is not so soon.

import { fileURLToPath } from 'node:url';
import { find, LOAD_CPU, on } from './machine.mjs';
import { run } from './processes.mjs';

const wrk = find('wrk');
const OWN = fileURLToPath(new URL('./load.mjs', import.meta.url));

export const GENERATOR = wrk === undefined ? 'test/bench/load.mjs, for wrk was not found' : 'wrk';

/**
 * @typedef {{ requests: number, seconds: number, p99Us: number, errors: number }} Load
 * @returns {Promise<Load>}
 */
export async function load(
  /** @type {number} */ port,
  /** @type {number} */ connections,
  /** @type {number} */ seconds,
  /** @type {boolean} */ keepAlive,
) {
  const command =
    wrk === undefined
      ? [
          process.execPath,
          OWN,
          String(port),
          String(connections),
          String(seconds),
          keepAlive ? 'keep-alive' : 'close',
        ]
      : [
          ...[wrk, '--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`],
          ...[
            '--latency',
            ...(keepAlive ? [] : ['--header', 'Connection: close']),
            `http://127.0.0.1:${port}/`,
          ],
        ];
  const printed = await run(on(LOAD_CPU, command), seconds + 15);
  return wrk === undefined ? JSON.parse(printed) : readWrk(printed);
}

/** `34296 requests in 3.01s, 4.38MB read`, `99%    5.74ms`, and a line of errors where there were any. */
function readWrk(/** @type {string} */ printed) {
  const total = /(\d+) requests in ([\d.]+)(us|ms|s|m)/.exec(printed);
  const p99 = /^\s+99%\s+([\d.]+)(us|ms|s|m)/m.exec(printed);
  if (total === null || p99 === null) throw new Error(`wrk printed no report: ${printed}`);
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(printed);
  const badReplies = /Non-2xx or 3xx responses: (\d+)/.exec(printed)?.[1] ?? 0;
  return {
    requests: Number(total[1]),
    seconds: microseconds(total[2], total[3]) / 1e6,
    p99Us: microseconds(p99[1], p99[2]),
    errors: (socketErrors ?? []).slice(1).reduce((sum, each) => sum + Number(each), Number(badReplies)),
  };
}

function microseconds(/** @type {string} */ number, /** @type {string} */ unit) {
  return Number(number) * ({ us: 1, ms: 1e3, s: 1e6, m: 60e6 }[unit] ?? Number.NaN);
}
