// The port: listened on and given up, at the address that `serve` takes by default and at all of this machine's.

import { whoListens } from '../net/who-listens.js';
import { type Check, type Finding, failing, ok, warning } from './finding.js';
import { tryToListen } from './listening.js';

const CHECK = 'port';
const ANOTHER = 'choose another --port (0 takes a free one)';

export const port: Check = async ({ port: number }) => {
  const problem = await tryToListen('127.0.0.1', number);
  if (problem !== undefined) return [notHere(number, problem)];
  const elsewhere = await tryToListen('0.0.0.0', number);
  if (elsewhere !== undefined) return [notEverywhere(number, elsewhere)];
  return [
    ok(CHECK, number === 0 ? 'a free one was given' : `${number} is free: listened on it, and gave it up`),
  ];
};

function notHere(number: number, problem: string): Finding {
  switch (problem) {
    case 'EADDRINUSE':
      return failing(CHECK, `${whoHas(number, '127.0.0.1')} has ${number}`, `stop that, or ${ANOTHER}`);
    case 'EACCES': {
      const advice = 'choose a higher --port, such as 8080';
      return failing(CHECK, `${number}: ports below 1024 are for the administrator alone`, advice);
    }
    default:
      return failing(CHECK, `${number}: listening on it gave ${problem}`, ANOTHER);
  }
}

function notEverywhere(number: number, problem: string): Finding {
  const found =
    problem === 'EADDRINUSE'
      ? `${whoHas(number, '0.0.0.0')} has it at another address`
      : `not at 0.0.0.0 (${problem})`;
  return warning(CHECK, `${number} is free at 127.0.0.1, but ${found}`, `for --host 0.0.0.0 ${ANOTHER}`);
}

const whoHas = (number: number, address: string): string => whoListens(number, address) ?? 'another process';
