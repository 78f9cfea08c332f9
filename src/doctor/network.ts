// The port, the addresses that a class can open, and IPv6. Each check listens for a moment.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { formatFourTuple } from '../net/four-tuple.js';
import { ownAddresses } from '../net/own-addresses.js';
import { whoListens } from '../net/who-listens.js';
import { commandLine } from '../terminal/command-line.js';
import { type Finding, failing, type MachineCheck, ok, PATIENCE_MS, problemOf, warning } from './finding.js';

/** The error's name, such as EADDRINUSE, or undefined. */
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

export const port: MachineCheck = async ({ port: number }) => {
  const problem = await tryToListen('127.0.0.1', number);
  if (problem !== undefined) return [notHere(number, problem)];
  const elsewhere = await tryToListen('0.0.0.0', number);
  if (elsewhere !== undefined) return [notEverywhere(number, elsewhere)];
  return [ok('port', number === 0 ? 'the kernel gave a free one' : `${number} is free`)];
};

function notHere(number: number, problem: string): Finding {
  switch (problem) {
    case 'EADDRINUSE':
      return failing(
        'port',
        `${number} is in use by ${whoHas(number, '127.0.0.1')}`,
        `stop it, or ${ANOTHER}`,
      );
    case 'EACCES': {
      const advice = 'choose a higher --port, such as 8080';
      return failing('port', `no permission for ${number}: only root may use ports below 1024`, advice);
    }
    default:
      return failing('port', `listening on ${number} failed: ${problem}`, ANOTHER);
  }
}

function notEverywhere(number: number, problem: string): Finding {
  const found =
    problem === 'EADDRINUSE'
      ? `in use by ${whoHas(number, '0.0.0.0')} at another address`
      : `not at 0.0.0.0 (${problem})`;
  return warning('port', `${number} is free at 127.0.0.1, but ${found}`, `for --host 0.0.0.0 ${ANOTHER}`);
}

const whoHas = (number: number, address: string): string => whoListens(number, address) ?? 'another process';

export const addresses: MachineCheck = async () => {
  const usable: string[] = [];
  for (const { address, on } of ownAddresses()) {
    if ((await tryToListen(address, 0)) === undefined) usable.push(`${address} (${on})`);
  }
  if (usable.length === 0) {
    const advice = "connect it to the class's network; on this machine alone everything works";
    return [warning('addresses', 'this machine has none that other machines can reach', advice)];
  }
  const serve = commandLine('serve', '--host', '0.0.0.0');
  const how = `a class can open them after \`${serve}\` (--host :: for IPv6 too), unless a firewall blocks it`;
  return [ok('addresses', `${usable.join(', ')}: ${how}`)];
};

export const ipv6: MachineCheck = async () => {
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
    const advice = 'everything works without it, except --host :: and --host ::1';
    return [warning('ipv6', `a connection to ::1 failed: ${problemOf(error)}`, advice)];
  } finally {
    client?.destroy();
    server.close();
  }
};
