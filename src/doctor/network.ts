// The port, the addresses that a class can open, and IPv6: each is listened on and given up again.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { formatFourTuple } from '../net/four-tuple.js';
import { ownAddresses } from '../net/own-addresses.js';
import { whoListens } from '../net/who-listens.js';
import { commandLine } from '../terminal/command-line.js';
import { type Check, type Finding, failing, ok, PATIENCE_MS, problemOf, warning } from './finding.js';

/** The error's name, such as EADDRINUSE; undefined where it went well. */
async function tryToListen(address: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host: address, port, exclusive: true });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

const ANOTHER = 'choose another --port (0 takes a free one)';

export const port: Check = async ({ port: number }) => {
  const problem = await tryToListen('127.0.0.1', number);
  if (problem !== undefined) return [notHere(number, problem)];
  const elsewhere = await tryToListen('0.0.0.0', number);
  if (elsewhere !== undefined) return [notEverywhere(number, elsewhere)];
  return [
    ok('port', number === 0 ? 'a free one was given' : `${number} is free: listened on it, and gave it up`),
  ];
};

function notHere(number: number, problem: string): Finding {
  switch (problem) {
    case 'EADDRINUSE':
      return failing('port', `${whoHas(number, '127.0.0.1')} has ${number}`, `stop that, or ${ANOTHER}`);
    case 'EACCES': {
      const advice = 'choose a higher --port, such as 8080';
      return failing('port', `${number}: ports below 1024 are for the administrator alone`, advice);
    }
    default:
      return failing('port', `${number}: listening on it gave ${problem}`, ANOTHER);
  }
}

function notEverywhere(number: number, problem: string): Finding {
  const found =
    problem === 'EADDRINUSE'
      ? `${whoHas(number, '0.0.0.0')} has it at another address`
      : `not at 0.0.0.0 (${problem})`;
  return warning('port', `${number} is free at 127.0.0.1, but ${found}`, `for --host 0.0.0.0 ${ANOTHER}`);
}

const whoHas = (number: number, address: string): string => whoListens(number, address) ?? 'another process';

export const addresses: Check = async () => {
  const usable: string[] = [];
  for (const { address, on } of ownAddresses()) {
    if ((await tryToListen(address, 0)) === undefined) usable.push(`${address} (${on})`);
  }
  if (usable.length === 0) {
    const advice = 'connect it to the network of the class; on this machine itself all works';
    return [warning('addresses', 'none by which other machines could reach this one', advice)];
  }
  const serve = commandLine('serve', '--host', '0.0.0.0');
  const how = `for others with \`${serve}\`, or --host :: for IPv6 too, where no firewall is in between`;
  return [ok('addresses', `${usable.join(', ')}: ${how}`)];
};

export const ipv6: Check = async () => {
  const server = createServer((peer) => peer.destroy());
  let client: Socket | undefined;
  try {
    server.listen({ host: '::1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    client = connect({ host: '::1', port });
    await once(client, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return [ok('ipv6', `works: connected ${formatFourTuple(['::1', client.localPort ?? 0, '::1', port])}`)];
  } catch (error) {
    const advice = 'all works without it but --host :: and --host ::1';
    return [warning('ipv6', `a connection to ::1 gave ${problemOf(error)}`, advice)];
  } finally {
    client?.destroy();
    server.close();
  }
};
