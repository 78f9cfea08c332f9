// `npm run bench`: what this program costs, measured on this machine. Reads the command line and runs one part.
// The parts are files of their own; docs/benchmarks.md says what each measures and how to read it.

import { parseArgs } from 'node:util';
import { forks } from './forks.mjs';
import { frames } from './frames.mjs';
import { idle } from './idle.mjs';
import { introduce } from './machine.mjs';
import { narrator } from './narrator.mjs';
import { endAll } from './processes.mjs';
import { replay } from './replay.mjs';
import { MODELS, models, SERVERS, servers } from './servers.mjs';
import { slowloris } from './slowloris.mjs';
import { threads } from './threads.mjs';

const NAMES = [...new Set([...SERVERS, ...MODELS].map(({ name }) => name))];
const PARTS = { servers, models, threads, forks, slowloris, idle, narrator, replay, frames };

const USAGE = `npm run bench [-- PART] [options]

  servers    both models of serve, node:net, node:http and nginx under load (the part that is run by default)
  models     every way to serve that this program has, beside servers in C and nginx (needs a C compiler)
  threads    what a fresh connection thread costs, beside a pthread
  forks      what a process for each connection costs, beside fork(2)
  slowloris  how long a polite client waits behind 400 slow ones, without and with threads that are ready
  idle       what idle connections cost the evented server
  narrator   how many events a second one core can make lines of
  replay     how soon, how fast and in how much memory a recording of a million events is played
  frames     how many pictures a second the live page draws at 5,000 events a second

  --rounds N         how often all is measured; medians are told (3)
  --seconds N        how long each measurement takes (3)
  --connections N    servers: clients at once (16; models: 64); idle: connections that are held (10000)
  --only A,B         servers, models: these alone. ${NAMES.join(', ')}
`;

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} seconds
 * @property {number | undefined} connections
 * @property {string[] | undefined} only
 */

try {
  const { part, options } = readCommandLine();
  introduce(part);
  await PARTS[part](options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
await endAll();

function readCommandLine() {
  const string = /** @type {const} */ ({ type: 'string' });
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: string,
      seconds: string,
      connections: string,
      only: string,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const [part = 'servers', ...more] = positionals;
  if (!Object.hasOwn(PARTS, part) || more.length > 0) {
    throw new Error(
      `There is no part ${positionals.join(' ')}. The parts are ${Object.keys(PARTS).join(', ')}.`,
    );
  }
  const only = values.only?.split(',');
  for (const name of only ?? []) {
    if (!NAMES.includes(name))
      throw new Error(`There is no server called ${name}. They are: ${NAMES.join(', ')}.`);
  }
  return {
    part: /** @type {keyof typeof PARTS} */ (part),
    options: {
      rounds: wholeNumber('--rounds', values.rounds ?? '3', 100),
      seconds: wholeNumber('--seconds', values.seconds ?? '3', 600),
      connections:
        values.connections === undefined
          ? undefined
          : wholeNumber('--connections', values.connections, 100_000),
      only,
    },
  };
}

function wholeNumber(/** @type {string} */ flag, /** @type {string} */ text, /** @type {number} */ most) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > most) {
    throw new Error(`${flag} expects a whole number from 1 to ${most}, found ${text}.`);
  }
  return number;
}
