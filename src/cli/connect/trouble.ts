// Why clients failed: for each way to fail, what is wrong and what to do.

import type { ClientFailure, ServerAddress } from '../../clients/client.js';
import type { Trouble } from '../../clients/client-run.js';
import { addressAndPort } from '../../net/address.js';
import { everyOwnAddress } from '../../net/own-addresses.js';
import { whoListens } from '../../net/who-listens.js';
import { shortageSentence } from '../../posix/shortage.js';
import { commandLine } from '../../terminal/command-line.js';
import { count } from '../../terminal/quantities.js';
import { zoneProblem } from '../zone-problem.js';
import type { ConnectPlan } from './flags.js';

export function troubleSentence({ failure, clients }: Trouble, plan: ConnectPlan): string {
  const of = plan.group.count === 1 ? '' : ` (${clients} of ${count(plan.group.count, 'client')})`;
  return sentence(failure, of, plan);
}

function sentence(failure: ClientFailure, of: string, plan: ConnectPlan): string {
  const { outcome, errno, replies } = failure;
  const { candidates, script } = plan;
  const [where] = candidates;
  const server = addressAndPort(where);
  const seconds = script.patienceMs / 1e3;
  if (replies !== undefined && (outcome === 'closed without a reply' || outcome === 'reset'))
    return `The server closed the connection after ${replies} of ${script.requests} replies${of}. Start the server with --keep-alive, or leave --requests out.`;
  switch (outcome) {
    case 'refused':
      return `Nobody listens on ${candidates.map(addressAndPort).join(' or ')}${of}. Start a server there with \`${serveAt(where)}\`, in another terminal.`;
    case 'no address':
      return noAddress(failure, of, plan);
    case 'no descriptor':
      return `${shortageSentence({ code: errno })} Or lower --count${of}.`;
    case 'unreachable':
      return unreachable(failure, of, plan);
    case 'not connected in time':
      return `Not connected to ${server} within ${seconds} s${of}. Its accept queue may be full: \`ss -ltn\` shows it.`;
    case 'no reply in time':
      return errno === undefined
        ? `No complete reply within ${seconds} s${of}. Look at what the server does, or use a longer --timeout.`
        : `${server} did not answer for so long that the kernel gave up${of}. Check --host.`;
    case 'closed without a reply':
      return `The server closed the connection before its reply was complete${of}. Look at what the server prints.`;
    case 'not an HTTP reply':
      return `${server} sent something that is not HTTP${of}. Check --port.`;
    case 'reset':
      return `The connection to ${server} broke: ${errno ?? 'it was reset'}${of}. Look at what the server prints.`;
    default:
      return `The reply from ${server} was ${outcome}${of}. Look at what the server prints.`;
  }
}

/** The command that starts a server where the clients looked for one. */
function serveAt({ address, port }: ServerAddress): string {
  const host = address === '127.0.0.1' ? [] : ['--host', address];
  return commandLine('serve', ...host, ...(port === 8080 ? [] : ['--port', String(port)]));
}

function unreachable({ call, errno }: ClientFailure, of: string, plan: ConnectPlan): string {
  const [where] = plan.candidates;
  const { from } = plan.group;
  if (errno === 'EAFNOSUPPORT') return noIpv6(of, where.address);
  const [flag, address] =
    call === 'bind' && from !== undefined
      ? (['--from', from.address] as const)
      : (['--host', where.address] as const);
  const zone = errno === 'EINVAL' ? zoneProblem(flag, address) : undefined;
  return (
    zone ??
    shortageSentence({ code: errno }) ??
    `Cannot reach ${addressAndPort(where)}: ${errno}${of}. Check ${flag}.`
  );
}

const noIpv6 = (of: string, address: string): string =>
  `This system has no IPv6, which --host ${address} needs${of}. Use an IPv4 address.`;

/** A connection needs a source address, a source port, and a 4-tuple that no other has. */
function noAddress(failure: ClientFailure, of: string, plan: ConnectPlan): string {
  const { call, errno } = failure;
  const [where] = plan.candidates;
  const { from } = plan.group;
  // connect(2) gives EACCES too: for a broadcast address, or because of a firewall.
  if (call === 'connect' && errno === 'EACCES') return unreachable(failure, of, plan);
  const port = from?.port;
  if (call === 'bind' && errno === 'EADDRNOTAVAIL')
    return `--from ${from?.address} is not an address of this machine. It has ${everyOwnAddress().join(', ')}.`;
  const hasIpv6 = everyOwnAddress().some((address) => address.includes(':'));
  if (from === undefined && where.address.includes(':') && !hasIpv6) return noIpv6(of, where.address);
  if (errno === 'EACCES')
    return `No permission to connect from port ${port}${of}: only root may use ports below 1024. Choose a higher one.`;
  if (port === undefined)
    return `No source port is free${of}. Lower --count, or connect --from another address, such as 127.0.0.2.`;
  if (errno === 'EADDRINUSE')
    return `Port ${port} of ${from?.address} is in use by ${whoListens(port, from?.address) ?? 'another socket'}${of}. Choose another.`;
  return `A connection from port ${port} of ${from?.address} to ${addressAndPort(where)} exists already${of}, perhaps in TIME_WAIT. Choose another port: no two connections can have the same 4-tuple.`;
}
