// What a comparison needs of this machine, checked before anything starts: descriptors, threads, and what its connections take.

import type { Scenario } from '../../compare/scenario.js';
import { capOf, holdsFew, readMachine } from '../../compare/sweep/caps.js';
import { sentence } from '../../compare/verdict.js';
import { defaultMaxThreads } from '../../models/blocking/max-threads.js';
import type { ModelName } from '../../models/options.js';
import { count } from '../../terminal/quantities.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import { MOST_CONNECTIONS } from './flags.js';

const FEW_CONNECTIONS = 100;
/** What the clients of a scenario need beside those that it makes in numbers; and descriptors of this process itself. */
const OTHER_CLIENTS = 20;
const OWN_DESCRIPTORS = 80;
/** Node's own, the one that serves, and a share of the clients' one. */
const THREADS_OF_A_SERVER = 16;

/** Throws where this machine cannot run so many servers and their clients. */
export function needRoomFor(servers: number): void {
  const what = `a comparison of ${count(servers, 'server')}`;
  needDescriptors(OWN_DESCRIPTORS + servers * OTHER_CLIENTS, what);
  const needed = servers * THREADS_OF_A_SERVER;
  const { threads, threadsBy } = readMachine();
  if (threads >= needed) return;
  throw new CliError(
    `${sentence(what)} needs ${needed} threads, but ${threadsBy} leaves only ${threads}. Close other programs, or raise that limit.`,
  );
}

/** As many as were asked for, or as the scenario has it, and no more than this machine can bear. */
export function connectionsOf(
  name: string,
  scenario: Scenario,
  modes: readonly ModelName[],
  servers: number,
  wanted?: number,
): number {
  if (wanted !== undefined && scenario.connections === undefined) {
    throw new CliError(
      `Scenario ${name} has a fixed number of connections. Leave --connections out, or use it with idle or burst.`,
      WRONG_USAGE,
    );
  }
  const { most, because } = mostConnections(modes, servers);
  if (wanted !== undefined && wanted > most) {
    throw new CliError(`--connections can be at most ${most} here: ${because}.`);
  }
  const usual = scenario.connections;
  if (wanted === undefined && usual !== undefined && usual > most)
    printError(`${name} uses ${count(most, 'connection')} here, not ${usual}: ${because}.`);
  return Math.min(wanted ?? usual ?? FEW_CONNECTIONS, most);
}

function mostConnections(modes: readonly ModelName[], servers: number): { most: number; because: string } {
  const machine = readMachine();
  const bounds = [
    {
      // The clients of all servers are one process.
      most: Math.floor((machine.descriptors - OWN_DESCRIPTORS) / servers) - OTHER_CLIENTS,
      because: `a process may open ${machine.descriptors} files here, and one process runs all clients; raise \`ulimit -n\`, or compare fewer servers`,
    },
  ];
  for (const mode of modes) {
    if (holdsFew(mode)) continue; // it holds a few, and the others lie in the accept queue
    const { connections, reason } = capOf(mode, MOST_CONNECTIONS, machine);
    if (reason !== undefined)
      bounds.push({ most: connections - OTHER_CLIENTS, because: `${mode}: ${reason}` });
    if (mode === 'blocking')
      bounds.push({
        most: defaultMaxThreads() - OTHER_CLIENTS,
        because: 'blocking needs a thread for each; --modes evented can hold more',
      });
  }
  const least = bounds.reduce((a, b) => (b.most < a.most ? b : a));
  return { ...least, most: Math.max(1, least.most) };
}
